"""People whom another issuer vouches for: one user for each ``sub``, made at the first good token."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts import lookups, roles
from accounts.identity import OutsideIdentity
from accounts.jws import refused
from accounts.models import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, User


def find_or_create(identity: OutsideIdentity) -> User:
    """The user this identity is, never merged with another.

    Raises ``Unauthenticated`` if this token or all until now are refused, the user is disabled, or
    the id belongs to a local account or to another issuer's.
    """
    found = lookups.find_outside_caller(identity)
    if found.is_refused:
        raise refused()
    email, name = _kept_email(identity.email), _kept_name(identity.name)
    user = found.user or _create(identity, email, name)
    if user.issuer != identity.issuer or not user.is_active:
        raise refused()
    _follow_issuer(user, identity, email or user.email, name or user.issuer_name)
    return user


def _create(identity: OutsideIdentity, email: str, name: str) -> User:
    user = User(
        id=identity.subject,
        issuer=identity.issuer,
        email=email,
        name=name,
        issuer_name=name,
        followed_at=identity.issued_at or timezone.now(),
        role=roles.initial_role(identity.subject),
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
