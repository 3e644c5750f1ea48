from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from staff.login import StaffLoginForm, StaffPasswordChangeView


class StaffSite(admin.AdminSite):
    """Django's, in the place of its own (``staff.apps``), with our rules of logging in."""

    site_header = site_title = "Todo staff"
    index_title = "People and their tasks"
    login_form = StaffLoginForm

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**self.each_context(request), **(extra_context or {})}
        return StaffPasswordChangeView.as_view(extra_context=context)(request)
