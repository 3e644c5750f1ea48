from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts import roles
from accounts.models import MAX_NAME_LENGTH, AuthEvent, User
from accounts.models.users import MAX_EMAIL_LENGTH
from accounts.old_hashes.forms import stored_form
from accounts.user_ids import RESERVED, USER_ID
from core.rest.client import command
from todo_project.importing import standing, values
from todo_project.importing.report import Report, shown
from todo_project.importing.source import Row
from todo_project.importing.values import Misfit

UNKNOWN_HASH = "its password's hash is of no kind known here, so it needs a new password"


@dataclass(frozen=True, slots=True)
class Moved:
    user: User
    is_new: bool


def move(row: Row, issuer: str, report: Report, *, with_roles: bool) -> Moved:
    """In a transaction. Raises ``Misfit``, also where the id or the email is somebody else's here."""
    user = read(row, issuer, report)
    is_admin = standing.is_admin(row)
    there = User.objects.filter(id=user.id).first()
    if there:
        if there.issuer != issuer or (not issuer and there.email != user.email):
            raise Misfit("its id is somebody else's here")
        if is_admin and not there.is_admin:
            report.admins_not_here.append(there.id)
        return Moved(there, is_new=False)
    check_place(user)
    _set_password(user, None if issuer else row.get("password"), report)
    # Not ``save``, for which the time of the change is now.
    User.objects.bulk_create([user])
    if not user.is_active:
        report.remarks["users that are disabled there are disabled here"] += 1
    if is_admin:
        _tell_admin(user, report, with_roles=with_roles)
    return Moved(user, is_new=True)


def read(row: Row, issuer: str, report: Report) -> User:
    user_id = values.text(row["id"], "id")
    if not USER_ID.match(user_id):
        why = (
            "is reserved for paths here"
            if user_id in RESERVED.split("|")
            else "is not of 1 to 128 permitted characters"
        )
        raise Misfit(f"its id {why}")
    return User(
        id=user_id,
        email=_email(row["email"], is_needed=not issuer),
        email_verified=not issuer and values.flag(row.get("is_verified")),
        name=values.short(values.text(row.get("name"), "name"), MAX_NAME_LENGTH, "names of users", report.remarks),
        issuer=issuer,
        is_active=standing.is_active(row),
        created_at=values.instant(row.get("created_at"), "time of creation") or timezone.now(),
    )


def digest(user: User) -> int:
    return values.digest(
        [
            user.id,
            user.email,
            user.email_verified,
            user.name,
            user.issuer,
            user.password,
            str(user.role),
            user.is_active,
            user.created_at,
        ]
    )


def email_taken(by: str) -> Misfit:
    return Misfit(f"its email is another account's here, that of user {shown(by)}")


def check_place(user: User) -> None:
    if AuthEvent.objects.filter(kind=AuthEvent.Kind.USER_DELETED, subject=user.id).exists():
        raise Misfit("its account was deleted here")
    # Themself another run may have stored since we looked: then the database says so.
    others = User.objects.local().filter(email=user.email).exclude(id=user.id)
    if not user.issuer and (other := others.first()):
        raise email_taken(other.id)


def _tell_admin(user: User, report: Report, *, with_roles: bool) -> None:
    if with_roles:
        roles.promote_admin(user, command("import_backend"))
        user.role = User.Role.ADMIN
        report.admins.append(user.id)
    else:
        report.admins_not_here.append(user.id)


def _email(value: object, *, is_needed: bool) -> str:
    email = values.text(value, "email").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if len(email) > MAX_EMAIL_LENGTH:
        email = ""
    if is_needed and not email:
        raise Misfit("its email is no address")
    return email


def _set_password(user: User, hashed: object, report: Report) -> None:
    stored = stored_form(hashed) if isinstance(hashed, str) else None
    user.password = stored or ""
    if stored:
        return
    user.set_unusable_password()
    if hashed:
        report.note("users", user.id, UNKNOWN_HASH)
    elif not user.issuer:
        report.remarks["users have no password there, and need one here to log in"] += 1
