"""Everybody, as admins see them."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.user_ids import USER_ID
from core.errors import NotFound


def get_user(user_id: str) -> User:
    """Raises ``NotFound``."""
    # What no id can be, PostgreSQL may refuse to compare: a NUL character.
    user = User.objects.filter(id=user_id).first() if USER_ID.match(user_id) else None
    if user is None:
        raise NotFound("user_not_found")
    return user


def find_users(*, search: str = "", **exactly: Any) -> QuerySet[User]:
    """``search`` is a part of email or name, without case, or an exact id."""
    users = User.objects.filter(**exactly)
    if search:
        users = users.filter(Q(email__icontains=search) | Q(name__icontains=search) | Q(id=search))
    return users


def find_user(id_or_email: str, *, exact_id: bool) -> User:
    """By id, or by the email of a local account. Raises ``NotFound``, also when each finds another."""
    by_id = User.objects.filter(id=id_or_email).first()
    by_email = None if exact_id else User.objects.local().filter(email=id_or_email.lower()).first()
    if by_id and by_email:
        raise NotFound("ambiguous_user", "This is one user's id and another's email; use --id for the first.")
    user = by_email or by_id
    if user is None:
        raise NotFound("user_not_found", "There is no user with this id, nor a local account with this email.")
    return user
