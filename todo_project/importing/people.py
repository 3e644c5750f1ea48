from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.models import MAX_NAME_LENGTH, AuthEvent, User
from accounts.models.users import MAX_EMAIL_LENGTH
from accounts.old_hashes.forms import stored_form
from accounts.user_ids import RESERVED, USER_ID
from todo_project.importing import values
from todo_project.importing.report import Report
from todo_project.importing.source import Row
from todo_project.importing.values import Misfit

UNKNOWN_HASH = "its password's hash is of no kind known here, so it needs a new password"


@dataclass(frozen=True, slots=True)
class Moved:
    user: User
    is_new: bool


def move(row: Row, issuer: str, report: Report) -> Moved:
    """In a transaction. Raises ``Misfit``, also where the id or the email is somebody else's here."""
    user = read(row, issuer)
    there = User.objects.filter(id=user.id).first()
    if there:
        if there.issuer != issuer or (not issuer and there.email != user.email):
            raise Misfit("its id is somebody else's here")
        return Moved(there, is_new=False)
    if AuthEvent.objects.filter(kind=AuthEvent.Kind.USER_DELETED, subject=user.id).exists():
        raise Misfit("its account was deleted here")
    if not issuer and User.objects.local().filter(email=user.email).exists():
        raise Misfit("its email is another account's here")
    _set_password(user, None if issuer else row.get("password"), report)
    # Not ``save``, for which the time of the change is now.
    User.objects.bulk_create([user])
    if values.flag(row.get("is_admin")) or str(row.get("role") or "").lower() == "admin":
        report.say(f"user {user.id} is an admin there: manage.py promote_admin makes one here.")
    return Moved(user, is_new=True)


def read(row: Row, issuer: str) -> User:
    user_id = values.text(row["id"], "id")
    if not USER_ID.match(user_id):
        why = (
            "is reserved for paths here"
            if user_id in RESERVED.split("|")
            else "is not of 1 to 128 permitted characters"
        )
        raise Misfit(f"its id {why}")
    is_active = values.flag(row.get("is_active", True)) and not values.flag(row.get("banned"))
    return User(
        id=user_id,
        email=_email(row["email"], is_needed=not issuer),
        name=values.text(row.get("name"), "name").strip()[:MAX_NAME_LENGTH],
        issuer=issuer,
        is_active=is_active,
        created_at=values.instant(row.get("created_at"), "time of creation") or timezone.now(),
    )


def digest(user: User) -> int:
    return values.digest([user.id, user.email, user.name, user.issuer, user.password, user.is_active, user.created_at])


def _email(value: object, *, is_needed: bool) -> str:
    email = values.text(value, "email").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if len(email) > MAX_EMAIL_LENGTH:
        email = ""
    if is_needed and not email:
        raise Misfit("its email is none")
    return email


def _set_password(user: User, hashed: object, report: Report) -> None:
    stored = stored_form(hashed) if isinstance(hashed, str) else None
    user.password = stored or ""
    if not stored:
        user.set_unusable_password()
        if hashed:
            report.note("users", user.id, UNKNOWN_HASH)
