"""Session tokens of Better Auth, which say nothing by themselves: they are looked up in the tables it keeps them in.

Its tables have camelCase columns, and may be in a database of their own or beside ours.
"""

import hashlib
import logging
import re
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error
from django.db.utils import ConnectionHandler
from django.utils import timezone

from accounts.cutoffs import FOREVER
from accounts.tokens.identity import OutsideIdentity
from accounts.tokens.issuers import issuer_of, kept_text
from accounts.user_ids import USER_ID
from core.errors import Unauthenticated, Unavailable, token_invalid

logger = logging.getLogger(__name__)

# Better Auth makes 32 letters and digits; what is longer or stranger does not reach its database.
SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{16,255}")
# A sign-out there is seen here so soon.
TRUSTED_SECONDS: Final = 5.0
MAX_TRUSTED: Final = 4096
# SQLite would make dates of its columns, of which the time is lost, were they not expressions.
INSTANTS: Final = {
    "sqlite": """s."createdAt" || '', s."expiresAt" || ''""",
    "postgresql": 's."createdAt", s."expiresAt"',
}
SESSION_SQL: Final = """
    SELECT s."userId", {instants}, u."email", u."name"
    FROM "session" s JOIN "user" u ON u."id" = s."userId" WHERE s."token" = %s
"""
LIVING_SQL: Final = 'SELECT s."token", {instants} FROM "session" s WHERE s."token" IN ({places})'

# By the token's text: what it stands for, and until when (monotonic).
_trusted: "dict[str, tuple[OutsideIdentity, float]]" = {}


def is_opaque(text: str) -> bool:
    """Of what is no personal token."""
    return bool(settings.BETTER_AUTH_DATABASE) and "." not in text


def identify(text: str) -> OutsideIdentity:
    """Whose session it is. Raises ``Unauthenticated``, and ``Unavailable`` while that database is away."""
    identity, until = _trusted.get(text, (None, 0.0))
    if identity and time.monotonic() < until:
        return identity
    asked = time.monotonic()
    row = _find(text) if SHAPE.fullmatch(text) else None
    if row is None:
        raise token_invalid()
    return _trust(text, row, asked)


def living(texts: Sequence[str]) -> set[str]:
    """Those of these tokens whose sessions have not ended, by one look. Raises as ``identify``."""
    now = timezone.now()
    rows = _fetch(LIVING_SQL, texts) if texts else []
    return {token for token, _, expires_at in rows if _instant(expires_at) > now}


def forget() -> None:
    """As a new process does."""
    _trusted.clear()


def _trust(text: str, row: Sequence[Any], asked: float) -> OutsideIdentity:
    user_id, created_at, expires_at, email, name = row
    left = (_instant(expires_at) - timezone.now()).total_seconds()
    if left <= 0:
        raise Unauthenticated("token_expired")
    if not USER_ID.match(str(user_id)):
        raise token_invalid()
    identity = OutsideIdentity(
        subject=str(user_id),
        issuer=issuer_of({}),
        email=kept_text(email),
        name=kept_text(name),
        issued_at=_instant(created_at),
        expires_at=FOREVER,
        token_hash=hashlib.sha256(text.encode()).hexdigest(),
    )
    if len(_trusted) >= MAX_TRUSTED:
        _trusted.clear()
    _trusted[text] = identity, asked + min(TRUSTED_SECONDS, left)
    return identity


def _find(token: str) -> Sequence[Any] | None:
    return next(iter(_fetch(SESSION_SQL, [token])), None)


def _fetch(sql: str, tokens: Sequence[str]) -> Sequence[Sequence[Any]]:
    places = ", ".join(["%s"] * len(tokens))
    try:
        # Back to its pool at once: the rest of the request has nothing to ask there.
        with closing(_connection()) as connection, connection.cursor() as cursor:
            cursor.execute(sql.format(instants=INSTANTS[connection.vendor], places=places), tokens)
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
    except Error as error:
        logger.warning("The database of Better Auth: %s", type(error.__cause__ or error).__qualname__)
        raise Unavailable("issuer_unavailable") from error
    return rows


def _connection() -> Any:
    database = settings.BETTER_AUTH_DATABASE
    # Django keeps a pool for each alias, so another database has another one.
    alias = f"better_auth_{hashlib.sha256(repr(database).encode()).hexdigest()}"
    return _handler(alias)[alias]


@cache
def _handler(alias: str) -> ConnectionHandler:
    """Not one of Django's own databases: nothing of ours is migrated, tested or kept there."""
    return ConnectionHandler({DEFAULT_DB_ALIAS: {}, alias: settings.BETTER_AUTH_DATABASE})


def _instant(value: Any) -> datetime:
    """A column without a zone holds UTC; SQLite's hold text, or the milliseconds of JavaScript."""
    if isinstance(value, str) and value.isdecimal():
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
