"""The pages on which a code is asked for, and on which the app that shows it is set up."""

from typing import Any

import segno
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import devices, security_log
from accounts.middleware import report_refusal
from accounts.models import User
from accounts.security_log import Kind
from core.errors import SENTENCES, DomainError
from core.rest.client import client_of
from staff.models import SecondFactor
from staff.second_factor import factors
from staff.second_factor.passing import factor_of, has_passed, pass_through

# In the words of a wrong password: they come as one.
WRONG = SENTENCES["invalid_credentials"].replace("email or the password", "code")


class SecondFactorPages:
    def __init__(self, site: AdminSite) -> None:
        self._site = site

    # --- At the login -----------------------------------------------------------------------------

    def ask(self, request: HttpRequest, user: User, factor: SecondFactor) -> HttpResponse:
        """After the password. The code is sent to the address of the login page itself."""
        told = ""
        if "code" in request.POST:
            told = self._try(request, user, factor)
            if not told:
                answer = HttpResponseRedirect(_next(request))
                devices.remember(answer, user.id)
                return answer
        context = {"title": "Second factor", "told": told, "next": _sent_next(request)}
        return self._page(request, "staff/second_factor/code.html", context)

    def _try(self, request: HttpRequest, user: User, factor: SecondFactor) -> str:
        """What is wrong with the code; empty: nothing, and the user is in."""
        client = client_of(request)
        passed_by, told = _checked(request, factor)
        if passed_by:
            pass_through(request, factor)
            security_log.record(Kind.LOGIN, client, subject=user.id, reason=passed_by)
        return told

    # --- Setting up -------------------------------------------------------------------------------

    def manage(self, request: HttpRequest) -> HttpResponse:
        """For who is in, and for who could only not come in without having set it up."""
        user, factor = request.user, factor_of(request)
        if not isinstance(user, User) or not AdminSite.has_permission(self._site, request):
            return self._to_login()
        if factor is not None:
            return self._change(request, user, factor) if has_passed(request) else self._to_login()
        match request.POST.get("act"):
            case "begin":
                return self._begin(request, user)
            case "confirm":
                return self._confirm(request, user)
        return self._show(request, title="Set up a second factor")

    def _begin(self, request: HttpRequest, user: User) -> HttpResponse:
        """The QR code is shown on this page and on none after it; beginning anew makes another key."""
        factor = factors.begin(user)
        if factor is None:
            return HttpResponseRedirect(request.path)
        code = segno.make_qr(factors.address(factor, user), error="m")
        drawn = code.svg_inline(scale=5, border=4, light="#fff", svgclass=None, lineclass=None, omitsize=True)
        return self._show(request, title="Set up a second factor", qr_code=drawn, key=_in_groups(factor.key))

    def _confirm(self, request: HttpRequest, user: User) -> HttpResponse:
        done = factors.confirm(user, request.POST.get("code", ""), client=client_of(request))
        if done is None:
            return self._show(request, title="Set up a second factor", is_begun=True, told=WRONG)
        factor, codes = done
        pass_through(request, factor)
        return self._show(request, title="Your recovery codes", codes=codes)

    def _change(self, request: HttpRequest, user: User, factor: SecondFactor) -> HttpResponse:
        """New recovery codes, or another app, for a code of the present one."""
        act, told = request.POST.get("act"), ""
        if act in ("renew", "remove"):
            passed_by, told = _checked(request, factor)
            if passed_by and act == "renew":
                return self._show(request, title="Your recovery codes", codes=factors.renew_codes(user.id))
            if passed_by:
                factors.reset(user, client=client_of(request), ends_sessions=False)
                return HttpResponseRedirect(request.path)
        left = factors.codes_left(user.id)
        return self._show(request, title="Second factor", factor=factor, codes_left=left, told=told)

    def _show(self, request: HttpRequest, **context: Any) -> HttpResponse:
        context["is_required"] = settings.ADMIN_REQUIRE_TOTP
        return self._page(request, "staff/second_factor/set_up.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shown = {**self._site.each_context(request), **context}
        if not has_passed(request):
            shown |= {"is_nav_sidebar_enabled": False, "has_permission": False}
        return TemplateResponse(request, template, shown)

    def _to_login(self) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:login')}?next={reverse('admin:second_factor')}")


def _checked(request: HttpRequest, factor: SecondFactor) -> tuple[str | None, str]:
    """By what the code passes, or else what to say."""
    try:
        passed_by = factors.check(factor, request.POST.get("code", ""), client=client_of(request))
    except DomainError as error:
        report_refusal(request, error)
        return None, error.message
    return passed_by, "" if passed_by else WRONG


def _sent_next(request: HttpRequest) -> str:
    return request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")


def _next(request: HttpRequest) -> str:
    """Where they wanted to go, if that is here."""
    wanted = _sent_next(request)
    is_here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_here else resolve_url(settings.LOGIN_REDIRECT_URL)


def _in_groups(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
