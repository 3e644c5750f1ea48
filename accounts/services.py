"""The rules of local accounts: signing up, logging in, deletion."""

import logging
import uuid

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import cutoffs, limits, passwords, roles, security_log
from accounts.limits import Device
from accounts.models import MAX_EMAIL_LENGTH, MAX_ISSUER_LENGTH, User
from accounts.security_log import Kind
from accounts.sessions import ending
from accounts.sessions.starting import Grant, start_session
from accounts.tokens.identity import OutsideIdentity
from core import processors, quotas
from core.errors import Conflict, Invalid, Malformed, Unauthenticated, token_invalid
from core.mail import outbox
from core.mail.addresses import is_mailable
from core.rest.client import Client
from core.sql.giving_way import give_way, wait_briefly
from core.texts import password_forms

logger = logging.getLogger(__name__)


def sign_up(*, email: str, password: str, client: Client, name: str = "") -> User:
    """A new local account. Raises ``Malformed`` for a bad email or password, ``Conflict`` for a known one.

    The caller has counted the attempt of this address.
    """
    user = User(email=_checked_email(email), name=name)
    user.role = roles.initial_role(user.id)
    passwords.check_password(password, user)
    # Before the slow hash; the constraint is what decides between two at once.
    if User.objects.local().filter(email=user.email).exists():
        raise _email_taken()
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            security_log.record(Kind.SIGNUP, client, subject=user.id)
            if settings.MAIL_IS_ON:
                outbox.enqueue("email_confirmation", recipient=user.email, user_id=user.id)
    except IntegrityError as error:
        if not User.objects.local().filter(email=user.email).exists():
            raise
        raise _email_taken() from error
    limits.remember_address(user, client.address)
    return user


def log_in(*, email: str, password: str, client: Client, device: Device | None = None) -> Grant:
    """A new session of the account these credentials are for. Raises as ``find_by_credentials`` does."""
    user = find_by_credentials(email=email, password=password, client=client, device=device)
    try:
        with transaction.atomic():
            grant = start_session(user, client)
            security_log.record(Kind.LOGIN, client, subject=user.id)
    except Unauthenticated:
        # Changed, or switched off, since it was checked.
        security_log.record_failure(Kind.LOGIN_FAILED, client, subject=user.id, reason="wrong_credentials")
        raise
    return grant


def find_by_credentials(*, email: str, password: str, client: Client, device: Device | None = None) -> User:
    """The active local account these credentials are for; that they were right is the caller's to write down.

    Raises ``Unauthenticated`` in one wording and after one bcrypt, whatever is wrong, and
    ``TooManyRequests`` before it. The caller has counted the attempt of this address.
    """
    email = email.strip().lower()
    user = User.objects.local().filter(email=email).first()
    guess = limits.count_guess(email, user, client.address, device)
    if user is None or not user.has_usable_password():
        # As long as it takes for others.
        with processors.on_any():
            for form in password_forms(password):
                make_password(form)
    elif user.check_password(password) and user.is_active:
        limits.settle_guess(guess, user, client.address)
        return user
    security_log.record_failure(
        Kind.LOGIN_FAILED,
        client,
        # Never the email that was tried: it may be a password in the wrong box.
        subject=user.id if user else f"email:{limits.keyed_hash('tried', email)}",
        reason="disabled" if user and not user.is_active else "wrong_credentials",
    )
    raise Unauthenticated("invalid_credentials")


def log_out(subject: str, credentials: uuid.UUID | OutsideIdentity, *, client: Client) -> None:
    """Ends a session by its id, or refuses an outside token. Once more is no error, and no event."""
    with transaction.atomic():
        if isinstance(credentials, OutsideIdentity):
            is_new = cutoffs.refuse_token(subject, credentials.token_hash, credentials.expires_at)
        else:
            is_new = ending.end_session(subject, credentials)
        if is_new:
            security_log.record(Kind.LOGOUT, client, subject=subject)


def log_out_everywhere(user: User, *, client: Client) -> None:
    with transaction.atomic():
        ending.end_everything(user)
        security_log.record(Kind.LOGOUT_ALL, client, subject=user.id)


def delete_own_account(user: User, *, password: str, client: Client) -> None:
    """As ``delete_account``, of a local account by its password alone. Raises as ``passwords.confirm_password`` too."""
    if not user.issuer:
        passwords.confirm_password(user, password=password, client=client, field="password")
    delete_account(user, client=client, confirmed="" if user.issuer else user.password)


def delete_account(user: User, *, client: Client, confirmed: str = "") -> None:
    """With all it owns; outside tokens issued until now are refused. Raises ``Conflict`` for the last admin.

    ``confirmed`` is the hash of the password it was asked for with. Raises ``Invalid`` if it has another by now.
    """
    # What goes on in the account holds its tasks or conversations, and wants its other rows at its end.
    give_way(lambda: _delete(user, client, confirmed))


def _delete(user: User, client: Client, confirmed: str) -> None:
    roles.keep_an_admin(user)
    wait_briefly()
    quotas.forget(user.id)
    if user.issuer:
        cutoffs.refuse_until_now(user.id)
    # Locked first: who creates a task just then waits, then finds no owner, while a row that slipped
    # in between collecting and deleting would stop the deletion.
    for locked in User.objects.select_for_update().filter(id=user.id):
        if confirmed and locked.password != confirmed:
            raise Invalid("wrong_password", field="password")
        locked.delete()
    security_log.record(Kind.USER_DELETED, client, subject=user.id)


def rename_user(user: User, *, name: str) -> None:
    """Raises ``Unauthenticated`` where the user was deleted meanwhile."""
    now = timezone.now()
    if not User.objects.filter(id=user.id).update(name=name, updated_at=now):
        raise token_invalid()
    user.name, user.updated_at = name, now


def move_issuer(old: str, new: str) -> int:
    """Renames an issuer for all its users; returns how many. Raises ``Invalid``.

    From then on tokens of ``new`` are theirs, and those of ``old`` are refused.
    """
    if not old.strip() or not new.strip():
        # A local account has no issuer, and nobody becomes or stops being one.
        raise Invalid("invalid", "An issuer's name is not empty.")
    if max(len(old), len(new)) > MAX_ISSUER_LENGTH or not (old + new).isprintable():
        raise Invalid("invalid", f"An issuer's name has at most {MAX_ISSUER_LENGTH} characters, all printable.")
    moved = User.objects.filter(issuer=old).update(issuer=new, updated_at=timezone.now())
    logger.info("The issuer %s is now %s; users moved: %d", old, new, moved)
    return moved


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    if not is_email(email):
        raise Malformed("invalid_email", field="email")
    return email


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= MAX_EMAIL_LENGTH and is_mailable(text)


def _email_taken() -> Conflict:
    return Conflict("email_taken", field="email")
