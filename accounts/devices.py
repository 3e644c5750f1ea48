"""Proof that somebody has logged in to an account before, which its guard lets past while others guess.

A cookie of each login (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"), or a refresh token of the
account, where a page of another site gets no cookies. Whoever has one guesses no faster: it has a window of its own.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpResponseBase

from accounts.limits import Device
from accounts.tokens import own
from core.errors import Unauthenticated

COOKIE: Final = "todo_device"
SALT: Final = "accounts.devices"
# The longest that browsers keep one (RFC 6265bis).
KEPT: Final = timedelta(days=400)


def presented(cookies: Mapping[str, str], refresh_token: str | None = None) -> Device | None:
    """The token, which is of this account's client for sure, before the cookie; None for what proves nothing."""
    return _of_token(refresh_token) or _of_cookie(cookies.get(COOKIE, ""))


def remember(answer: HttpResponseBase, user_id: str) -> None:
    """After a login: the browser is one from which this user has logged in."""
    value = signing.dumps([user_id, secrets.token_urlsafe(16)], salt=SALT)
    answer.set_cookie(COOKIE, value, max_age=KEPT, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def _of_token(text: str | None) -> Device | None:
    if not text:
        return None
    try:
        token = own.read_refresh(text)
    except Unauthenticated:
        return None
    return Device(token.user_id, str(token.session_id))


def _of_cookie(text: str) -> Device | None:
    try:
        user_id, device_id = signing.loads(text, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    return Device(user_id, device_id)
