"""Roles and switched-off accounts. There is always an active admin left, and nobody does it to themself."""

import logging
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import personal_tokens, security_log, users
from accounts.models import User
from accounts.security_log import Kind
from accounts.sessions import ending
from core.errors import Conflict
from core.rest.client import Client

logger = logging.getLogger(__name__)

Role = User.Role
# Who takes an admin away holds this until the end of the transaction: two at once take turns.
ADMINS_LOCK: Final = 7_660_215_436_913_203


def initial_role(user_id: str) -> User.Role:
    """``ADMIN_USER_ID`` names the one id that gets the admin role when its user is created."""
    return Role.ADMIN if user_id == settings.ADMIN_USER_ID else Role.USER


def promote_admin(user: User, client: Client) -> bool:
    """Gives the admin role; says whether that changed anything."""
    others = User.objects.filter(id=user.id).exclude(role=Role.ADMIN)
    with transaction.atomic():
        changed = others.update(role=Role.ADMIN, updated_at=timezone.now())
        if changed:
            security_log.record(
                Kind.ROLE_CHANGED, client, subject=user.id, reason="to_admin", changes={"role": (Role.USER, Role.ADMIN)}
            )
    return bool(changed)


def demote_admin(user: User, client: Client) -> bool:
    """Takes the admin role; says whether that changed anything. Raises ``Conflict`` for the last admin."""
    with transaction.atomic():
        keep_an_admin(user)
        changed = User.objects.filter(id=user.id, role=Role.ADMIN).update(role=Role.USER, updated_at=timezone.now())
        if changed:
            security_log.record(
                Kind.ROLE_CHANGED, client, subject=user.id, reason="to_user", changes={"role": (Role.ADMIN, Role.USER)}
            )
    return bool(changed)


def enable_user(user: User, client: Client) -> bool:
    with transaction.atomic():
        changed = User.objects.filter(id=user.id, is_active=False).update(is_active=True, updated_at=timezone.now())
        if changed:
            security_log.record(Kind.USER_ENABLED, client, subject=user.id, changes={"is_active": (False, True)})
    return bool(changed)


def disable_user(user: User, client: Client) -> bool:
    """Their tokens are refused from the next request on, and stay so when the account is switched on again.

    Raises ``Conflict`` for the last admin.
    """
    with transaction.atomic():
        keep_an_admin(user)
        changed = User.objects.filter(id=user.id, is_active=True).update(is_active=False, updated_at=timezone.now())
        if changed:
            personal_tokens.revoke_all(user.id)
            security_log.record(Kind.USER_DISABLED, client, subject=user.id, changes={"is_active": (True, False)})
            if ending.end_everything(user):
                security_log.record(Kind.SESSIONS_ENDED, client, subject=user.id, reason="disabled")
    return bool(changed)


def change_user(
    actor: User, user_id: str, *, client: Client, role: str | None = None, is_active: bool | None = None
) -> User:
    """What an admin may change about somebody. Raises ``NotFound``, ``Conflict``; then nothing is changed."""
    user = users.get_user(user_id)
    if user.id == actor.id and (role == Role.USER or is_active is False):
        raise Conflict("own_account", "Nobody demotes or disables themself.")
    with transaction.atomic():
        if role is not None:
            (promote_admin if role == Role.ADMIN else demote_admin)(user, client)
        if is_active is not None:
            (enable_user if is_active else disable_user)(user, client)
    return User.objects.get(id=user_id)


def keep_an_admin(leaving: User) -> None:
    """Raises ``Conflict`` if there is no other active admin. To be called within the transaction that
    takes ``leaving`` away, which others then wait for.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADMINS_LOCK])
    # SQLite's transactions are immediate: whoever is in one is alone.
    admins = User.objects.filter(role=Role.ADMIN, is_active=True)
    if admins.filter(id=leaving.id).exists() and not admins.exclude(id=leaving.id).exists():
        raise Conflict("last_admin")
