"""Who gets into the staff site: by the rules of the API, and counted together with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.widgets import BASE_INPUT_CLASSES

from accounts import devices, limits, passwords, security_log, services
from accounts.middleware import report, report_refusal
from accounts.models import User
from accounts.security_log import Kind
from core.errors import SENTENCES, Invalid, TooManyRequests, Unauthenticated, Unavailable
from core.rest.client import client_address, client_of, command


class LocalAccountBackend(BaseBackend):
    """By email among local accounts."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        try:
            client = client_of(request) if request else command("login")
            device = devices.presented(request.COOKIES) if request else None
            return services.find_by_credentials(email=username, password=password, client=client, device=device)
        except Unauthenticated:
            return None

    def get_user(self, user_id: str) -> User | None:
        return User.objects.filter(id=user_id, is_active=True).first()


class StaffLoginForm(AdminAuthenticationForm):
    """The staff site's login, by email, which refuses in the API's words, whatever is wrong."""

    error_messages = {**AdminAuthenticationForm.error_messages, "invalid_login": SENTENCES["invalid_credentials"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Email"
        self.fields["username"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
        for field in self.fields.values():
            field.widget.attrs["class"] = " ".join(BASE_INPUT_CLASSES)

    def clean(self) -> dict[str, Any]:
        """Counts the attempt first, together with the API's."""
        # The staff site's login view always passes it.
        request = cast(HttpRequest, self.request)
        with _refusals_on_the_page(request):
            report(request, limits.admit_auth_attempt(client_address(request)))
            return super().clean()

    def confirm_login_allowed(self, user: Any) -> None:
        """Whose password is right, and who is no admin, is told no more than others are."""
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            client = client_of(cast(HttpRequest, self.request))
            security_log.record_failure(Kind.LOGIN_FAILED, client, subject=user.id, reason="not_admin")
            raise


class StaffPasswordChangeForm(AdminOwnPasswordChangeForm):
    """A wrong current password counts as a failed login: a session may be in other hands."""

    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)  # type: ignore[arg-type] # it names Django's own user, and takes any
        self._request = request

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        with _refusals_on_the_page(self._request):
            passwords.confirm_password(self.user, password=password, client=client_of(self._request), field="")
        return password

    def save(self, commit: bool = True) -> User:
        """By the rules of the API: the person's sessions end, but for this one of the staff site."""
        passwords.replace_password(self.user, new=self.cleaned_data["new_password1"], client=client_of(self._request))
        return self.user


class StaffPasswordChangeView(PasswordChangeView):
    form_class = StaffPasswordChangeForm
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Invalid as error:
            form.add_error("old_password", error.message)
            return self.form_invalid(form)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}


@contextmanager
def _refusals_on_the_page(request: HttpRequest) -> Iterator[None]:
    """Shows a refusal as a form error; the page has its status, 429 or 503."""
    try:
        yield
    except Invalid as error:
        raise ValidationError(error.message, code=error.code) from error
    except (TooManyRequests, Unavailable) as error:
        report_refusal(request, error)
        raise ValidationError(error.message, code=error.code) from error
