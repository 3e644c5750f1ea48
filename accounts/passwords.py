"""The rules of a local account's password: confirming, changing, what it may be."""

import uuid

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import limits, personal_tokens, security_log
from accounts.models import User
from accounts.security_log import Kind
from accounts.sessions import ending
from core.errors import Conflict, Invalid, Malformed
from core.mail import outbox
from core.rest.client import Client
from core.texts import prepare_password


def confirm_password(user: User, *, password: str, client: Client, field: str) -> None:
    """Raises ``Invalid`` for another than the local account's current password: counted as a failed login.

    Raises ``TooManyRequests`` before bcrypt, as a login does.
    """
    limits.admit_auth_attempt(client.address)
    guess = limits.count_guess(user.email, user, client.address)
    if not user.check_password(password):
        security_log.record_failure(Kind.LOGIN_FAILED, client, subject=user.id, reason="wrong_current_password")
        raise Invalid("wrong_password", field=field)
    limits.settle_guess(guess, user, client.address)


def change_password(user: User, *, current: str, new: str, client: Client, session_id: uuid.UUID | None) -> None:
    """Sets the password of a local account and ends its other sessions.

    Raises ``Conflict`` for an account without one, else as ``confirm_password``, and ``Malformed``.
    """
    if user.issuer:
        raise Conflict("outside_account")
    confirm_password(user, password=current, client=client, field="current_password")
    check_password(new, user, field="new_password")
    replace_password(user, new=new, client=client, session_id=session_id)


def replace_password(user: User, *, new: str, client: Client, session_id: uuid.UUID | None = None) -> None:
    """As ``change_password``, for a user whose present password was confirmed and a new one that is good.

    Raises ``Invalid`` where another change was quicker: of two at once one holds.
    """
    confirmed = user.password
    user.set_password(new)
    with transaction.atomic():
        unchanged = User.objects.filter(id=user.id, password=confirmed)
        if not unchanged.update(password=user.password, updated_at=timezone.now()):
            raise Invalid("wrong_password", field="current_password")
        ending.end_sessions(user.id, except_id=session_id)
        security_log.record(Kind.PASSWORD_CHANGED, client, subject=user.id)
        tell_of_new_password(user)


def tell_of_new_password(user: User) -> None:
    """By mail: it may have been somebody else. What was asked for with the old one is not sent any more."""
    outbox.call_off("email_change", user_id=user.id)
    if settings.MAIL_IS_ON and user.email:
        outbox.enqueue("password_changed", recipient=user.email, user_id=user.id)


def check_password(password: str, user: User, field: str = "password") -> None:
    """Whether it may be this user's. Raises ``Malformed``."""
    try:
        validate_password(prepare_password(password), user)
    except ValidationError as error:
        raise Malformed("weak_password", " ".join(error.messages), field=field) from error


def set_password(user: User, *, new: str, client: Client) -> None:
    """By whoever sits at the server: the present one is not asked for, every session and personal token ends.

    Raises ``Conflict`` for an account without a password of ours, and ``Malformed``.
    """
    if user.issuer:
        raise Conflict("outside_account")
    check_password(new, user)
    # Slow, so before the lock.
    user.set_password(new)
    with transaction.atomic():
        User.objects.filter(id=user.id).update(password=user.password, updated_at=timezone.now())
        ending.end_everything(user)
        personal_tokens.revoke_all(user.id)
        security_log.record(Kind.PASSWORD_CHANGED, client, subject=user.id)
        tell_of_new_password(user)
