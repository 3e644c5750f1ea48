"""Setting up an app that shows codes, checking what is typed, and taking the factor away."""

import hashlib
import re
import secrets
import time
from base64 import b32decode, b32encode
from typing import Final
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

from accounts import limits, security_log
from accounts.models import User
from accounts.security_log import Kind
from accounts.sessions import ending
from core.ids import uuid7
from core.rest.client import Client
from staff.models import RecoveryCode, SecondFactor

ISSUER: Final = "Todo staff"
# What every app takes (RFC 6238's defaults).
STEP_SECONDS: Final = 30
DIGITS: Final = 6
KEY_BYTES: Final = 20
# A code is taken a step early or late: clocks differ, and people type.
DRIFT: Final = (0, -1, 1)
RECOVERY_CODES: Final = 10
# 80 bits, which nobody finds by hashing: so a fast hash will do.
RECOVERY_BYTES: Final = 10
BY_APP: Final = "second_factor"
BY_RECOVERY_CODE: Final = "recovery_code"


def find(user_id: str) -> SecondFactor | None:
    """The one that is set up."""
    return SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()


def begin(user: User) -> SecondFactor | None:
    """A new key, which counts once a code of it was typed. None where there is a factor by now."""
    with transaction.atomic():
        SecondFactor.objects.filter(user_id=user.id, confirmed_at=None).delete()
        factor, is_new = SecondFactor.objects.get_or_create(
            user_id=user.id,
            defaults={"id": uuid7(), "key": _new_key(), "created_at": timezone.now()},
        )
    return factor if is_new else None


def address(factor: SecondFactor, user: User) -> str:
    """What the QR code says (Google Authenticator's Key URI Format)."""
    label = quote(f"{ISSUER}:{user}", safe="")
    options = {"secret": factor.key, "issuer": ISSUER, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(options, quote_via=quote)}"


def confirm(user: User, typed: str, *, client: Client) -> tuple[SecondFactor, list[str]] | None:
    """By the first code. Returns it with the recovery codes, which are never shown again; None for a wrong code."""
    with transaction.atomic():
        factor = SecondFactor.objects.filter(user_id=user.id, confirmed_at=None).first()
        if factor is None or not _spend_step(factor, typed):
            return None
        SecondFactor.objects.filter(user_id=user.id, id=factor.id).update(confirmed_at=timezone.now())
        codes = _new_codes(user.id)
        changes = {"second_factor": (False, True)}
        security_log.record(Kind.SECOND_FACTOR_RESET, client, subject=user.id, reason="set_up", changes=changes)
    return factor, codes


def check(factor: SecondFactor, typed: str, *, client: Client) -> str | None:
    """By which of both the code that was typed passes, if it does; each passes once.

    Counted before it is looked at, together with logins. Raises ``TooManyRequests``, ``Unavailable``.
    """
    limits.admit_auth_attempt(client.address)
    counted = limits.count_code(factor.user_id)
    passed_by = _spend(factor, typed)
    if passed_by:
        limits.settle_code(counted)
    else:
        security_log.record_failure(Kind.LOGIN_FAILED, client, subject=factor.user_id, reason="wrong_code")
    return passed_by


def codes_left(user_id: str) -> int:
    return RecoveryCode.objects.filter(user_id=user_id).count()


def renew_codes(user_id: str) -> list[str]:
    with transaction.atomic():
        return _new_codes(user_id)


def reset(user: User, *, client: Client, ends_sessions: bool = True) -> bool:
    """Takes it away, with its recovery codes; says whether there was one. Who logged in with it logs in anew."""
    with transaction.atomic():
        RecoveryCode.objects.filter(user_id=user.id).delete()
        confirmed, _ = SecondFactor.objects.filter(user_id=user.id, confirmed_at__isnull=False).delete()
        if confirmed:
            changes = {"second_factor": (True, False)}
            security_log.record(Kind.SECOND_FACTOR_RESET, client, subject=user.id, changes=changes)
            if ends_sessions:
                ending.end_everything(user)
    return bool(confirmed)


def _spend(factor: SecondFactor, typed: str) -> str | None:
    if _spend_step(factor, typed):
        return BY_APP
    spent, _ = RecoveryCode.objects.filter(user_id=factor.user_id, code_hash=_hash(typed)).delete()
    return BY_RECOVERY_CODE if spent else None


def _spend_step(factor: SecondFactor, typed: str) -> bool:
    """One statement takes the step, so of two who send a code at once one passes."""
    typed = re.sub(r"\s", "", typed)
    now = int(time.time()) // STEP_SECONDS
    key = b32decode(factor.key)
    steps = [now + drift for drift in DRIFT]
    step = next((step for step in steps if constant_time_compare(f"{hotp(key, step, DIGITS):0{DIGITS}}", typed)), None)
    if step is None:
        return False
    unspent = SecondFactor.objects.filter(user_id=factor.user_id, id=factor.id, last_step__lt=step)
    return bool(unspent.update(last_step=step))


def _new_key() -> str:
    return b32encode(secrets.token_bytes(KEY_BYTES)).decode()


def _new_codes(user_id: str) -> list[str]:
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=user_id, code_hash=_hash(code)) for code in codes)
    return codes


def _new_code() -> str:
    text = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(re.findall(".{4}", text))


def _hash(typed: str) -> str:
    return hashlib.sha256(re.sub(r"[\s-]", "", typed).lower().encode()).hexdigest()
