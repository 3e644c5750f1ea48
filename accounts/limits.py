"""What is limited, and how much. Not DRF's throttles: those read, decide and write in three steps,
and let 60 of 60 parallel calls through a limit of 10.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import KnownAddress, User
from core.errors import Unavailable
from core.limits.allowances import Allowance, Rate
from core.limits.in_database import DatabaseWindows, WindowStore, prune_windows
from core.limits.in_memory import Buckets
from core.rest.client import group_address
from core.sql.batches import delete_batch

logger = logging.getLogger(__name__)

# And of logouts.
REFRESHES: Final = Rate(60, 60)
NEW_TOKENS: Final = Rate(60, 60)
# Guesses at one account's password, from wherever: so many failures close it for as long.
GUESSES: Final = Rate(10, 600)
# To one address, whoever asks for them.
MAILS: Final = Rate(5, 3600)
OVER_GENERAL_LIMIT: Final = "too_many_requests"
# A login is written down once in this time, and forgotten so long after the last.
REMEMBERED_AGAIN_AFTER: Final = timedelta(days=1)
REMEMBERED_FOR: Final = timedelta(days=400)


def admit_auth_attempt(address: str) -> Allowance:
    """One signup or login, of the API or of the staff site. Raises ``TooManyRequests``, ``Unavailable``."""
    return _admit("auth", group_address(address), settings.AUTH_RATE_LIMIT)


def admit_refresh(address: str) -> Allowance | None:
    """Raises ``TooManyRequests``. None while Redis is away: nobody is logged out for that, and a
    refresh token cannot be guessed.
    """
    return _admit_if_counted("refresh", address)


def admit_logout(address: str) -> Allowance | None:
    """Raises ``TooManyRequests``. None while Redis is away: nobody is kept logged in for that."""
    return _admit_if_counted("logout", address)


def admit_token(user_id: str) -> Allowance:
    """A personal token to be made, which the security log keeps. Raises ``TooManyRequests``, ``Unavailable``."""
    return _admit("token", user_id, NEW_TOKENS)


def admit_chat(user_id: str) -> Allowance:
    """One turn of the chat. Raises ``TooManyRequests``, ``Unavailable``."""
    return _admit("chat", user_id, settings.CHAT_RATE_LIMIT)


def admit_mail(email: str) -> bool:
    """Whether one more may be sent to this address; known or not, so that nobody's mailbox is flooded."""
    return _windows().admit(keyed_hash("mail", email), MAILS).is_admitted


def require_mail(email: str) -> None:
    """As ``admit_mail``, for somebody who may know. Raises ``TooManyRequests``, ``Unavailable``."""
    allowance = _windows().admit(keyed_hash("mail", email), MAILS)
    if not allowance.is_admitted:
        raise allowance.refusal("throttled")


def count_call(user_id: str, cost: int = 1) -> Allowance:
    """The general limit, counted in memory. Raises ``TooManyRequests``."""
    allowance = _buckets().take(user_id, cost)
    if not allowance.is_admitted:
        raise allowance.refusal(OVER_GENERAL_LIMIT)
    return allowance


# --- Guessing one account's password from many addresses ------------------------------------------


@dataclass(frozen=True, slots=True)
class Device:
    """Something that has logged in to this account before, by what proves it."""

    user_id: str
    id: str


@dataclass(frozen=True, slots=True)
class Guess:
    # The window in which it is counted: the account's, or a device's own.
    account: uuid.UUID
    is_counted: bool


def count_guess(email: str, user: User | None, address: str, device: Device | None = None) -> Guess:
    """Counts a try as failed before the password is looked at, so that many at once gain nothing.

    A device of the account's has as many tries of its own. Raises ``TooManyRequests`` when they are spent, or there is
    none, and the account is closed to addresses that never logged in to it.
    """
    if device and user and device.user_id == user.id:
        own = keyed_hash("guess by device", f"{device.user_id} {device.id}")
        if _windows().admit(own, GUESSES, lockout=True).is_admitted:
            return Guess(own, is_counted=True)
    account = keyed_hash("guess", email)
    allowance = _windows().admit(account, GUESSES, lockout=True)
    if not allowance.is_admitted and not _is_known(user, address):
        raise allowance.refusal("account_guarded")
    return Guess(account, allowance.is_admitted)


def settle_guess(guess: Guess, user: User, address: str) -> None:
    """The password was right: the try was no failure, and the address is the user's."""
    if guess.is_counted:
        _windows().release(guess.account)
    remember_address(user, address)


def count_code(user_id: str) -> uuid.UUID:
    """A code of somebody whose password was right, counted as wrong before it is looked at: in which window.

    Ten wrong ones close the account's second step to all, known addresses too. Raises ``TooManyRequests``.
    """
    window = keyed_hash("code", user_id)
    allowance = _windows().admit(window, GUESSES, lockout=True)
    if not allowance.is_admitted:
        raise allowance.refusal("account_guarded")
    return window


def settle_code(window: uuid.UUID) -> None:
    """It was right."""
    _windows().release(window)


def remember_address(user: User, address: str) -> None:
    now, hashed = timezone.now(), keyed_hash("address", group_address(address))
    recent = KnownAddress.objects.filter(user_id=user.id, address=hashed, seen_at__gt=now - REMEMBERED_AGAIN_AFTER)
    if not recent.exists():
        KnownAddress.objects.bulk_create(
            [KnownAddress(user_id=user.id, address=hashed, seen_at=now)],
            update_conflicts=True,
            unique_fields=["user", "address"],
            update_fields=["seen_at"],
        )


def _is_known(user: User | None, address: str) -> bool:
    # The same query for an account that does not exist: the time must not tell.
    hashed = keyed_hash("address", group_address(address))
    return KnownAddress.objects.filter(user_id=user.id if user else "", address=hashed).exists()


# --- Where they are counted -----------------------------------------------------------------------


def prune(batch: int) -> int:
    """Deletes up to ``batch`` stale rows of each kind; call again until it returns 0."""
    forgotten = KnownAddress.objects.filter(seen_at__lt=timezone.now() - REMEMBERED_FOR)
    return prune_windows(batch) + delete_batch(forgotten, batch)


def keyed_hash(purpose: str, text: str) -> uuid.UUID:
    """What is stored instead of an email or an address: not to be reversed without ``SECRET_KEY``."""
    digest = salted_hmac(f"accounts.limits.{purpose}", text, algorithm="sha256").digest()
    return uuid.UUID(bytes=digest[:16])


def _admit(purpose: str, subject: str, rate: Rate) -> Allowance:
    allowance = _windows().admit(keyed_hash(purpose, subject), rate)
    if not allowance.is_admitted:
        raise allowance.refusal("throttled")
    return allowance


def _admit_if_counted(purpose: str, address: str) -> Allowance | None:
    try:
        return _admit(purpose, group_address(address), REFRESHES)
    except Unavailable:
        logger.warning("A %s was not counted: the store of the limits is away", purpose)
        return None


def _windows() -> WindowStore:
    return _redis_windows(settings.REDIS_URL) if settings.REDIS_URL else DatabaseWindows()


@cache
def _redis_windows(url: str) -> WindowStore:
    # Here, because its client takes a tenth of a second to load, and most processes have no Redis.
    from core.limits.in_redis import RedisWindows

    return RedisWindows(url)


@cache
def _buckets() -> Buckets:
    if not settings.REDIS_URL:
        return Buckets(settings.API_RATE_LIMIT, None)
    # As above.
    from core.limits.in_redis import RedisLease

    return Buckets(settings.API_RATE_LIMIT, RedisLease(settings.REDIS_URL))


def forget_calls() -> None:
    """Starts the general limit afresh, as a new process does."""
    _buckets.cache_clear()
