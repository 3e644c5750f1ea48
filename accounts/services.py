import logging
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import MAX_EMAIL_LENGTH, User
from todo_project.errors import Conflict, Malformed, NotFound, Unauthenticated

logger = logging.getLogger(__name__)


def sign_up(*, email: str, password: str, name: str = "") -> User:
    """A new local account. Raises ``Malformed`` for a bad email or password, ``Conflict`` for a known one."""
    user = User(email=_checked_email(email), name=name)
    user.role = initial_role(user.id)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Malformed("weak_password", " ".join(error.messages), field="password") from error
    # Before the slow hash; the constraint is what decides between two at once.
    if User.objects.local().filter(email=user.email).exists():
        raise _email_taken()
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        if not User.objects.local().filter(email=user.email).exists():
            raise
        raise _email_taken() from error
    return user


def authenticate(*, email: str, password: str) -> User:
    """The active local account these credentials are for.

    Raises ``Unauthenticated`` in one wording and after one bcrypt, whatever is wrong.
    """
    user = User.objects.local().filter(email=email.strip().lower()).first()
    if user is None or not user.has_usable_password():
        make_password(password)
    elif user.check_password(password) and user.is_active:
        return user
    raise Unauthenticated("invalid_credentials", "The email or the password is wrong.")


def rename_user(user: User, *, name: str) -> User:
    """Raises ``Unauthenticated`` where the user was deleted meanwhile."""
    now = timezone.now()
    if not User.objects.filter(id=user.id).update(name=name, updated_at=now):
        raise _token_invalid()
    user.name, user.updated_at = name, now
    return user


def delete_users(user_ids: Iterable[str]) -> int:
    """Deletes the users and all they own; says how many users there were.

    The lock comes first: who creates a task just then waits for it, then finds no owner, while a row
    that slipped in between collecting and deleting would stop the deletion.
    """
    with transaction.atomic():
        found = list(User.objects.select_for_update().filter(id__in=user_ids).order_by("id"))
        for user in found:
            user.delete()
    return len(found)


def caller_is_gone(user_id: str) -> Unauthenticated | None:
    """What to raise when a row could not be stored because its owner was deleted after the token was checked."""
    return None if User.objects.filter(id=user_id).exists() else _token_invalid()


def promote_admin(user: User) -> bool:
    """Gives the admin role; says whether that changed anything."""
    changed = User.objects.filter(id=user.id).exclude(role=User.Role.ADMIN).update(role=User.Role.ADMIN)
    if changed:
        logger.info("User %s was given the admin role", user.id)
    return bool(changed)


def find_user(id_or_email: str, *, exact_id: bool = False) -> User:
    """By id, or by the email of a local account. Raises ``NotFound``, also when each finds another."""
    by_id = User.objects.filter(id=id_or_email).first()
    by_email = None if exact_id else User.objects.local().filter(email=id_or_email.lower()).first()
    if by_id and by_email:
        raise NotFound("ambiguous_user", "This is one user's id and another's email; use --id for the first.")
    user = by_email or by_id
    if user is None:
        raise NotFound("user_not_found", "There is no user with this id, nor a local account with this email.")
    return user


def initial_role(user_id: str) -> User.Role:
    """``ADMIN_USER_ID`` names the one id that gets the admin role when its user is created."""
    return User.Role.ADMIN if user_id == settings.ADMIN_USER_ID else User.Role.USER


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Malformed("invalid_email", "Enter a valid email address.", field="email") from error
    if len(email) > MAX_EMAIL_LENGTH:
        raise Malformed("invalid_email", "This email address is too long.", field="email")
    return email


def _token_invalid() -> Unauthenticated:
    return Unauthenticated("token_invalid", "The token is not valid.")


def _email_taken() -> Conflict:
    return Conflict("email_taken", "This email is already registered.", field="email")
