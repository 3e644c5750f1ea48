from typing import Any

from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from accounts import devices
from accounts.models import User
from staff.login import StaffLoginForm, StaffPasswordChangeView


class StaffSite(UnfoldAdminSite):
    """Django's, in the place of its own (``staff.apps``), with our rules of logging in."""

    index_title = "People and their tasks"
    login_form = StaffLoginForm

    def get_urls(self) -> list[Any]:
        """Without the theme's search in the names of the lists."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) != "search"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # The theme writes its colours into a style element, which the policy forbids; theme.css has them.
        return {**super().each_context(request), "colors": None}

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
