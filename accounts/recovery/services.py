"""The ways back into an account: by a link that is mailed to it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import limits, passwords, personal_tokens, security_log, services
from accounts.models import RecoveryToken, User
from accounts.recovery import tokens
from accounts.recovery.tokens import Purpose
from accounts.security_log import Kind
from accounts.sessions import ending
from core.errors import Conflict, Invalid, Malformed
from core.mail import outbox
from core.rest.client import Client


def ask_for_reset(email: str) -> None:
    """Does the same for every address, known or not: who it belongs to is looked up when the mail is written.

    The caller has counted the attempt of this address.
    """
    email = email.strip().lower()
    if services.is_email(email) and limits.admit_mail(email):
        outbox.enqueue("password_reset", recipient=email)


def reset_password(*, token: str, password: str, client: Client) -> None:
    """Sets it, and ends every session and personal token.

    Raises ``Invalid`` for a token that is no good, and for a weak password.
    """
    found = tokens.find(token, Purpose.PASSWORD_RESET)
    user = found.user
    try:
        passwords.check_password(password, user)
    except Malformed as error:
        raise Invalid(error.code, error.message, field=error.field) from error
    # Slow, so before the lock.
    user.set_password(password)
    with transaction.atomic():
        _spend(found)
        User.objects.filter(id=user.id).update(password=user.password, email_verified=True, updated_at=timezone.now())
        ending.end_everything(user)
        personal_tokens.revoke_all(user.id)
        security_log.record(Kind.PASSWORD_RESET, client, subject=user.id)
        passwords.tell_of_new_password(user)
    # Who has the mailbox is no stranger to an account that is guarded against guesses.
    limits.remember_address(user, client.address)


def send_confirmation(user: User) -> None:
    """Again; nothing for an address that is confirmed, or whose issuer answers for it."""
    if not user.issuer and not user.email_verified and limits.admit_mail(user.email):
        outbox.enqueue("email_confirmation", recipient=user.email, user_id=user.id)


def ask_for_new_email(user: User, *, email: str, password: str, client: Client) -> None:
    """Mails a link there, by which it takes effect. Raises ``Conflict``, ``Invalid``, ``TooManyRequests``.

    Whether somebody else has that address is told to nobody but its owner, by silence.
    """
    _require_local(user)
    email = email.strip().lower()
    if not services.is_email(email):
        raise Invalid("invalid_email", field="email")
    passwords.confirm_password(user, password=password, client=client, field="password")
    if limits.admit_mail(email):
        outbox.enqueue("email_change", recipient=email, user_id=user.id)


def confirm_email(*, token: str, client: Client) -> None:
    """Raises ``Invalid`` for a token that is no good, ``Conflict`` where another account has the address by now."""
    found = tokens.find(token, Purpose.EMAIL_CONFIRMATION, Purpose.EMAIL_CHANGE)
    user = found.user
    former = user.email
    try:
        with transaction.atomic():
            _spend(found)
            User.objects.filter(id=user.id).update(email=found.email, email_verified=True, updated_at=timezone.now())
            if found.email != former:
                security_log.record(Kind.EMAIL_CHANGED, client, subject=user.id)
                outbox.enqueue("email_changed", recipient=former, user_id=user.id)
    except IntegrityError as error:
        if not User.objects.local().filter(email=found.email).exclude(id=user.id).exists():
            raise
        raise Conflict("email_taken") from error


def _spend(found: RecoveryToken) -> None:
    """Under the user's lock, for an account that is still as it was."""
    user = User.objects.select_for_update().filter(id=found.user_id).first()
    if user is None or not tokens.is_for(found, user):
        raise tokens.refused()
    tokens.spend(found)


def _require_local(user: User) -> None:
    if user.issuer:
        raise Conflict("outside_account")
