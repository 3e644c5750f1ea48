from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from accounts import devices, security_log
from accounts.models import User
from accounts.security_log import Kind
from core.rest.client import client_of
from staff.login import StaffLoginForm, StaffPasswordChangeView
from staff.second_factor.pages import SecondFactorPages
from staff.second_factor.passing import factor_of, forget_factor, has_passed, wait_for_code
from staff.telling import staff_of


class StaffSite(UnfoldAdminSite):
    """Django's, in the place of its own (``staff.apps``), with our rules of logging in."""

    index_title = "People and their tasks"
    login_form = StaffLoginForm

    def get_urls(self) -> list[Any]:
        """Without the theme's search in the names of the lists."""
        theirs = [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) != "search"]
        return [path("second_factor/", never_cache(SecondFactorPages(self).manage), name="second_factor"), *theirs]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # The theme writes its colours into a style element, which the policy forbids; theme.css has them.
        return {**super().each_context(request), "colors": None}

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Not Django's groups, which give nobody a right here."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model is not Group], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_passed(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The password, then the code of who has set one up, or its set-up where one is required."""
        if super().has_permission(request) and not has_passed(request):
            return self._second_step(request)
        answer = super().login(request, extra_context)
        if request.method == "POST" and answer.status_code == 302 and isinstance(request.user, User):
            forget_factor(request)
            if factor_of(request):
                wait_for_code(request)
            else:
                security_log.record(Kind.LOGIN, client_of(request), subject=request.user.id)
                devices.remember(answer, request.user.id)
        return answer

    def _second_step(self, request: HttpRequest) -> HttpResponse:
        factor = factor_of(request)
        if "leave" in request.POST:
            logout(request)
            return HttpResponseRedirect(request.get_full_path())
        if factor is None:
            return HttpResponseRedirect(reverse("admin:second_factor"))
        return SecondFactorPages(self).ask(request, staff_of(request), factor)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**self.each_context(request), **(extra_context or {})}
        return StaffPasswordChangeView.as_view(extra_context=context)(request)
