"""How the staff site is dressed: the settings of its theme, and the apps it is made of."""

from typing import Any, Final

from django.templatetags.static import static
from django.urls import reverse_lazy

# In this order: what stands first finds its templates and static files first.
APPS: Final = ("staff", "unfold.apps.BasicAppConfig", "unfold.contrib.filters", "staff.apps.StaffSiteConfig")


def _item(title: str, icon: str, page: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{page}")}


UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Todo staff",
    "SITE_HEADER": "Todo staff",
    "SITE_SYMBOL": "checklist",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("staff/icon.svg")},
    ],
    # It would lead to the API.
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "staff.home.page.show",
    "SHOW_HISTORY": False,
    "STYLES": [lambda request: static("staff/theme.css")],
    "SCRIPTS": [lambda request: static("staff/theme.js")],
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    _item("Home", "home", "index"),
                    _item("Users", "group", "accounts_user_changelist"),
                    _item("Sessions", "devices", "accounts_session_changelist"),
                    _item("Tasks", "checklist", "tasks_task_changelist"),
                    _item("Security log", "policy", "accounts_authevent_changelist"),
                ]
            }
        ]
    },
}
