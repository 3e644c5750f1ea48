"""The tokens in mailed links: made when the mail is sent, kept as hashes, good once."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import RecoveryToken, User
from accounts.user_ids import USER_ID
from core.errors import Invalid

Purpose = RecoveryToken.Purpose
LIFETIMES: Final[Mapping[Purpose, timedelta]] = {
    Purpose.PASSWORD_RESET: timedelta(hours=1),
    Purpose.EMAIL_CONFIRMATION: timedelta(days=1),
    Purpose.EMAIL_CHANGE: timedelta(days=1),
}


def make(user: User, purpose: Purpose, *, email: str) -> str:
    """The text for a link. It names its user, whom every look at the table begins with."""
    now = timezone.now()
    text = f"{urlsafe_b64encode(user.id.encode()).decode().rstrip('=')}.{secrets.token_urlsafe(32)}"
    RecoveryToken.objects.create(
        user=user,
        token_hash=_hash(text),
        purpose=purpose,
        email=email,
        basis=_basis(user, purpose),
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    return text


def find(text: str, *purposes: Purpose) -> RecoveryToken:
    """One that is good, with its user. Raises ``Invalid`` for any other."""
    token = (
        RecoveryToken.objects.filter(
            user_id=_user_id(text), token_hash=_hash(text), purpose__in=purposes, expires_at__gt=timezone.now()
        )
        .select_related("user")
        .first()
    )
    if token is None or not is_for(token, token.user):
        raise refused()
    return token


def is_for(token: RecoveryToken, user: User) -> bool:
    """Whether the account is still as it was when this was made."""
    return user.is_active and not user.issuer and _rests_on(token, user)


def spend(token: RecoveryToken) -> None:
    """In the transaction of what it was for; all others of its user go too. Raises ``Invalid`` where it is spent."""
    spent, _ = RecoveryToken.objects.filter(user_id=token.user_id, token_hash=token.token_hash).delete()
    if not spent:
        raise refused()
    RecoveryToken.objects.filter(user_id=token.user_id).delete()


def refused() -> Invalid:
    return Invalid("token_invalid", field="token")


def _rests_on(token: RecoveryToken, user: User) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(token.basis, _basis(user, token.purpose, key)) for key in keys)


def _basis(user: User, purpose: str, key: str | None = None) -> str:
    """A confirmation outlives a change of the password, a reset and a change of the address do not."""
    parts = [user.email] if purpose == Purpose.EMAIL_CONFIRMATION else [user.email, user.password]
    return salted_hmac("accounts.recovery", "\n".join(parts), secret=key, algorithm="sha256").hexdigest()


def _user_id(text: str) -> str:
    encoded = text.partition(".")[0]
    try:
        found = urlsafe_b64decode(f"{encoded}==").decode()
    except (NotBase64, ValueError):
        return ""
    return found if USER_ID.match(found) else ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
