"""Whether somebody is an admin there, and whether they may come in, in the words that backends have for it."""

from datetime import UTC, datetime
from typing import Final

from todo_project.importing import values
from todo_project.importing.source import Row

ADMINS: Final = frozenset({"admin", "administrator", "superadmin", "super_admin", "superuser"})
OUT: Final = frozenset({"inactive", "disabled", "banned", "suspended", "blocked", "deleted"})


def is_admin(row: Row) -> bool:
    """A role may be a word, a list of them, or its text: Better Auth writes ``admin,user``."""
    role = row.get("role")
    words = role if isinstance(role, list) else str(role or "").split(",")
    roles = {str(word).strip(" []{}\"'").lower() for word in words}
    return bool(ADMINS & roles) or any(values.flag(row.get(name)) for name in ("is_admin", "is_superuser"))


def is_active(row: Row) -> bool:
    """Raises ``Misfit``."""
    shut = ("disabled", "blocked", "suspended", "is_deleted", "deleted_at")
    is_out = str(row.get("status") or "").lower() in OUT or any(values.flag(row.get(name)) for name in shut)
    return values.flag(row.get("is_active", True)) and not is_out and not _is_banned(row)


def _is_banned(row: Row) -> bool:
    until = values.instant(row.get("ban_ends"), "end of a ban")
    return values.flag(row.get("banned")) and (until is None or until > datetime.now(UTC))
