from django.apps import AppConfig
from django.contrib.admin import apps


class StaffConfig(AppConfig):
    name = "staff"


class StaffSiteConfig(apps.AdminConfig):
    """Django's admin, whose site is ours; it finds the ``admin.py`` of every app as ever."""

    # Of this module's two, not what "staff" alone among the installed apps means.
    default = False
    default_site = "staff.site.StaffSite"
