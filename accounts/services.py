import logging

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import throttling
from accounts.identity import OutsideIdentity
from accounts.jws import refused
from accounts.models import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, User
from todo_project.errors import Conflict, Malformed, NotFound, Unauthenticated

logger = logging.getLogger(__name__)


def sign_up(*, email: str, password: str, address: str, name: str = "") -> User:
    """A new local account. Raises ``Malformed`` for a bad email or password, ``Conflict`` for a known one.

    The caller has counted the attempt of ``address``.
    """
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
    throttling.remember_address(user, address)
    return user


def authenticate(*, email: str, password: str, address: str) -> User:
    """The active local account these credentials are for.

    Raises ``Unauthenticated`` in one wording and after one bcrypt, whatever is wrong, and
    ``TooManyRequests`` before it. The caller has counted the attempt of ``address``.
    """
    email = email.strip().lower()
    user = User.objects.local().filter(email=email).first()
    guess = throttling.count_guess(email, user, address)
    if user is None or not user.has_usable_password():
        make_password(password)
    elif user.check_password(password) and user.is_active:
        throttling.settle_guess(guess, user, address)
        return user
    raise Unauthenticated("invalid_credentials", "The email or the password is wrong.")


def confirm_password(user: User, *, password: str, address: str) -> bool:
    """Whether this is the local account's current password; a wrong one counts as a failed login.

    Raises ``TooManyRequests`` before bcrypt, as a login does.
    """
    throttling.admit_auth_attempt(address)
    guess = throttling.count_guess(user.email, user, address)
    if not user.check_password(password):
        return False
    throttling.settle_guess(guess, user, address)
    return True


def provision_user(identity: OutsideIdentity) -> User:
    """The user this identity is, made at the first call and never merged with another.

    Raises ``Unauthenticated`` if the id belongs to a local account or to another issuer's.
    """
    email, name = _kept_email(identity.email), _kept_name(identity.name)
    user = User.objects.filter(id=identity.subject).first() or _create_outside_user(identity, email, name)
    if user.issuer != identity.issuer:
        raise refused()
    _follow_issuer(user, identity, email or user.email, name or user.issuer_name)
    return user


def _create_outside_user(identity: OutsideIdentity, email: str, name: str) -> User:
    user = User(
        id=identity.subject,
        issuer=identity.issuer,
        email=email,
        name=name,
        issuer_name=name,
        followed_at=identity.issued_at or timezone.now(),
        role=initial_role(identity.subject),
    )
    user.set_unusable_password()
    # The first of several at once makes it, and nobody's transaction breaks.
    User.objects.bulk_create([user], ignore_conflicts=True)
    return User.objects.get(id=identity.subject)


def _follow_issuer(user: User, identity: OutsideIdentity, email: str, name: str) -> None:
    """Takes over what the issuer changed, from a token no older than the last one followed."""
    changed = {"email": email} if email != user.email else {}
    changed |= {"name": name, "issuer_name": name} if name != user.issuer_name else {}
    if not changed:
        return
    now = timezone.now()
    issued_at = identity.issued_at or now
    if User.objects.filter(id=user.id, followed_at__lte=issued_at).update(
        **changed, followed_at=issued_at, updated_at=now
    ):
        user.refresh_from_db()


def rename_user(user: User, *, name: str) -> User:
    user.name = name
    user.save(update_fields=["name", "updated_at"])
    return user


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


def _kept_email(claimed: str | None) -> str:
    """An issuer's email as we store it, or nothing: it is only for show, so a bad one is no error."""
    email = (claimed or "").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        return ""
    # Python and the two databases agree on what is lower case in ASCII only.
    return email if email.isascii() and len(email) <= MAX_EMAIL_LENGTH else ""


def _kept_name(claimed: str | None) -> str:
    name = (claimed or "").strip()
    return name if len(name) <= MAX_NAME_LENGTH else ""


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Malformed("invalid_email", "Enter a valid email address.", field="email") from error
    if len(email) > MAX_EMAIL_LENGTH:
        raise Malformed("invalid_email", "This email address is too long.", field="email")
    return email


def _email_taken() -> Conflict:
    return Conflict("email_taken", "This email is already registered.", field="email")
