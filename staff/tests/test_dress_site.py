"""The staff site under its policy: what a browser would refuse is not in a page in the first place."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import unfold
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import AuthEvent, Session
from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

CLOSED = {"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"}
# One of each kind; a name in braces is an id of what the test has made.
PAGES = [
    "/admin/",
    "/admin/password_change/",
    "/admin/accounts/user/",
    "/admin/accounts/user/?q=nobody-is-called-this",
    "/admin/accounts/user/{user}/change/",
    "/admin/accounts/user/{user}/delete/",
    "/admin/accounts/user/{user}/history/",
    "/admin/accounts/session/",
    "/admin/accounts/session/{session}/change/",
    "/admin/accounts/authevent/",
    "/admin/accounts/authevent/{event}/change/",
    "/admin/tasks/task/",
    "/admin/tasks/task/{task}/change/",
    "/admin/tasks/task/{task}/delete/",
]


class Inline(HTMLParser):
    """What a policy without ``unsafe-inline`` forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        for name in ("src", "href", "action"):
            if re.match(r"(https?:)?//|javascript:", given.get(name) or ""):
                self.found.append(f"{tag} {given[name]}")


@pytest.fixture
def staff(make_user: Any) -> Client:
    client = Client()
    client.force_login(make_user("staff@example.com", role="admin"))
    return client


@pytest.fixture
def ids(bob: Caller, make_task: Any) -> dict[str, Any]:
    changes = {"role": ["user", "admin"], "email": ["<script>alert(1)</script>@example.com", None]}
    event = AuthEvent.objects.create(kind="role_changed", subject=bob.id, success=True, changes=changes)
    task = make_task(bob, title="<script>alert(1)</script>")
    session = Session.objects.get(user_id=bob.id)
    return {"user": bob.id, "event": event.id, "task": task.id, "session": session.id}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_what_the_policy_forbids(staff: Client, ids: dict[str, Any], page: str) -> None:
    answer = staff.get(page.format(**ids))

    reader = Inline()
    reader.feed(answer.content.decode())

    assert answer.status_code == 200
    assert reader.found == []
    assert set(answer["Content-Security-Policy"].split("; ")) >= CLOSED
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["/admin/login/", "/admin/nothing-is-here/", "/admin/tasks/task/none/change/"])
def test_the_policy_stands_on_the_login_and_on_errors_too(page: str) -> None:
    assert "script-src 'self';" in Client().get(page)["Content-Security-Policy"]


def test_nothing_outside_of_the_staff_site_is_under_its_policy() -> None:
    assert "Content-Security-Policy" not in Client().get("/")


def test_alpine_is_the_build_that_evaluates_nothing() -> None:
    found = finders.find("unfold/js/alpine/alpine.js")

    assert found is not None
    text = Path(found).read_text()
    assert "CSP Parser Error" in text
    assert "new AsyncFunction" not in text


def test_the_theme_has_the_expressions_that_are_replaced() -> None:
    """Another version of the theme may say them otherwise: then ``theme.js`` replaces nothing."""
    templates = Path(unfold.__file__).parent / "templates"
    for template, expression in {
        "unfold/layouts/skeleton.html": "activeTab: '{% tabs_primary_active inline_admin_formsets %}'",
        "unfold/helpers/welcomemsg.html": "localStorage.setItem('sidebarDesktopOpen'",
        "admin/change_form.html": 'x-bind:action="activeTab && ',
        "admin/actions.html": "x-bind:style=\"'width: ' + changeListWidth + 'px'\"",
    }.items():
        assert expression in (templates / template).read_text(), template
