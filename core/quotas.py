"""How many of a kind each owner has, and may have: a row each, moved by the statement that stores or deletes.

Exact however many write at once: who takes the last place holds the row until the end of its transaction, and
PostgreSQL asks the condition of an upsert again on what the others have left (its documentation, section 13.2.1).
No write counts rows.
"""

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from core.errors import Conflict
from core.models import Usage
from core.sql.statements import is_distributed, is_postgresql, prepared_cursor

# What the column holds: where there is no cap.
BOUNDLESS: Final = 2**31 - 1
# Filled with words of the code and numbers; the owner's id is an expression.
TAKE: Final = """
    INSERT INTO core_usage AS held (user_id, kind, used)
    VALUES (%s, '{kind}', {count})
    ON CONFLICT (user_id, kind) DO UPDATE SET used = held.used + EXCLUDED.used
    WHERE held.user_id = EXCLUDED.user_id AND held.used <= {limit} - {count}
    RETURNING user_id
"""
# PostgreSQL's: GREATEST passes over a null.
TAKE_NUMBERED: Final = """
    INSERT INTO core_usage AS held (user_id, kind, used, version, changed_at)
    SELECT {owner}, '{kind}', {count}, {count}, {at} {source} WHERE {count} <= {limit}
    ON CONFLICT (user_id, kind) DO UPDATE SET used = held.used + EXCLUDED.used,
        version = held.version + EXCLUDED.version, changed_at = GREATEST(held.changed_at, EXCLUDED.changed_at)
    WHERE held.user_id = EXCLUDED.user_id AND held.used <= {limit} - {count}
    RETURNING user_id, version, changed_at
"""
# Never below nothing, which the column would refuse.
GIVE_BACK: Final = """
    UPDATE core_usage SET used = CASE WHEN used > {count} THEN used - {count} ELSE 0 END
    WHERE user_id = {owner} AND kind = '{kind}'
"""


class QuotaExceeded(Conflict):
    pass


def exceeded(kind: str) -> QuotaExceeded:
    named = kind.replace("_", " ")
    return QuotaExceeded("quota_exceeded", f"You have {limit(kind)} {named}, as many as there may be; delete some.")


def limit(kind: str) -> int | None:
    """None: there is no cap."""
    return getattr(settings, f"MAX_{kind.upper()}") or None


def taking(kind: str, count: int, most: int | None, owner: str, source: str, at: str) -> str:
    """The SQL that takes ``count`` of at most ``most`` places: one row with the owner's id, or none where there are not
    so many.

    ``owner`` is an expression, ``source`` the FROM clause it needs. Each place taken is a change of the instant ``at``,
    an expression too: the row says the number of the last one, and when it was.
    """
    room = most or BOUNDLESS
    return TAKE_NUMBERED.format(owner=owner, kind=kind, count=count, source=source, limit=room, at=at)


def giving_back(kind: str, count: str, owner: str) -> str:
    """The SQL that gives so many places back; both are expressions."""
    return GIVE_BACK.format(owner=owner, kind=kind, count=count)


def take(user_id: str, kind: str, count: int = 1) -> None:
    """In the transaction of what it is taken for. Raises ``QuotaExceeded``."""
    room = limit(kind) or BOUNDLESS
    # The condition of an upsert is asked only where there is a row.
    if count > room:
        raise exceeded(kind)
    with prepared_cursor() as cursor:
        cursor.execute(TAKE.format(kind=kind, count=count, limit=room), [user_id])
        if cursor.fetchone() is None:
            raise exceeded(kind)


def give_back(user_id: str, kind: str, count: int = 1) -> None:
    """In the transaction of the deletion."""
    with prepared_cursor() as cursor:
        cursor.execute(giving_back(kind, str(count), "%s"), [user_id])


def room(user_id: str, kind: str) -> int:
    """How many places are left, until the end of the transaction."""
    held = Usage.objects.select_for_update().filter(user_id=user_id, kind=kind).first()
    return max(0, (limit(kind) or BOUNDLESS) - (held.used if held else 0))


def used(user_id: str) -> Mapping[str, int]:
    """Of each kind of which there has been one."""
    return dict(Usage.objects.filter(user_id=user_id).values_list("kind", "used"))


def forget(user_id: str) -> None:
    """Before an account is deleted, and ahead of the lock on its row: who stores something just then holds the row
    here, and waits for the account's at its end.
    """
    Usage.objects.filter(user_id=user_id).delete()


def is_counted_in_the_statement() -> bool:
    """SQLite has no INSERT within another statement; there a transaction is alone with the database. Citus takes the
    parts of one statement apart, and moves rows between them by COPY, which row security refuses.
    """
    return is_postgresql() and not is_distributed()
