from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts import devices
from accounts.models import User
from staff.login import StaffLoginForm, StaffPasswordChangeView


class StaffSite(admin.AdminSite):
    """Django's, in the place of its own (``staff.apps``), with our rules of logging in."""

    site_header = site_title = "Todo staff"
    index_title = "People and their tasks"
    login_form = StaffLoginForm

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Not Django's groups, which give nobody a right here."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model is not Group], admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        answer = super().login(request, extra_context)
        if request.method == "POST" and isinstance(request.user, User):
            devices.remember(answer, request.user.id)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**self.each_context(request), **(extra_context or {})}
        return StaffPasswordChangeView.as_view(extra_context=context)(request)
