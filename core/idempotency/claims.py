"""A request that comes twice takes effect once: the ``Idempotency-Key`` of section 5.

The row of a key is its claim. Made in the transaction of the change it commits, or vanishes, with it;
who comes second waits for that at the unique index. Made in a transaction of its own, for work that
waits on something outside, it says "still running" to the others until it is kept or given up.
"""

import hashlib
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError, connection
from django.utils import timezone

from core.errors import Conflict, Invalid
from core.ids import uuid7
from core.models import IdempotencyKey
from core.sql.batches import delete_all
from core.sql.statements import bind, bind_each, limit_waits

KEPT: Final = timedelta(hours=24)
# A claim in a transaction of its own whose process died; longer than any request runs.
ABANDONED: Final = timedelta(minutes=3)
# Compressed. Not cut: the second answer is the same as the first.
MAX_KEPT_BYTES: Final = 64 * 1024
# How long the second request waits for the first.
LOCK_TIMEOUT_MS: Final = 5000
LOCK_NOT_AVAILABLE: Final = "55P03"
UPSERT: Final = """
    INSERT INTO core_idempotencykey AS held
        (id, "user_id", request_hash, body_hash, headers, content, created_at)
    VALUES (%(id)s, %(user)s, %(request_hash)s, %(body_hash)s, %(headers)s, %(content)s, %(created_at)s)
    ON CONFLICT ("user_id", request_hash) DO UPDATE
    SET id = EXCLUDED.id, body_hash = EXCLUDED.body_hash, status = NULL, headers = EXCLUDED.headers,
        content = EXCLUDED.content, created_at = EXCLUDED.created_at
    WHERE held.created_at <= %(expired)s OR (held.status IS NULL AND held.created_at <= %(abandoned)s)
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Call:
    """What makes two requests the same one; ``path`` without its trailing slash."""

    user_id: str
    method: str
    path: str
    key: str
    body: bytes

    @property
    def request_hash(self) -> str:
        return hashlib.sha256("\n".join((self.method, self.path, self.key)).encode()).hexdigest()

    @property
    def body_hash(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def claim(call: Call) -> uuid.UUID | KeptAnswer:
    """A new claim, to be kept or given up; or the answer that was kept.

    Raises ``Invalid`` if the key came with another body, ``Conflict`` while the first still runs.
    """
    claimed = _insert(call)
    if claimed:
        return claimed
    row = IdempotencyKey.objects.filter(user_id=call.user_id, request_hash=call.request_hash).first()
    if row and row.body_hash != call.body_hash:
        raise Invalid("idempotency_key_reused", field="Idempotency-Key")
    if row is None or row.status is None:
        raise _in_progress()
    return KeptAnswer(row.status, zlib.decompress(row.content), row.headers)


def keep(user_id: str, claimed: uuid.UUID, answer: KeptAnswer) -> None:
    """To be called in the transaction of the change.

    Raises ``Conflict`` if the claim was taken over, ``Invalid`` for an answer that is too large.
    """
    content = zlib.compress(answer.content)
    if len(content) > MAX_KEPT_BYTES:
        raise Invalid("answer_too_large", field="Idempotency-Key")
    kept = IdempotencyKey.objects.filter(user_id=user_id, id=claimed).update(
        status=answer.status, content=content, headers=dict(answer.headers)
    )
    if not kept:
        raise _in_progress()


def give_up(user_id: str, claimed: uuid.UUID) -> None:
    """The request did not succeed: it may be tried again with the same key."""
    IdempotencyKey.objects.filter(user_id=user_id, id=claimed, status__isnull=True).delete()


def _insert(call: Call) -> uuid.UUID | None:
    """Makes the claim, or takes over a row that is too old. None if there is one that counts."""
    now = timezone.now()
    claimed = uuid7(now)
    parameters = {
        "id": claimed,
        "user": call.user_id,
        "request_hash": call.request_hash,
        "body_hash": call.body_hash,
        "headers": {},
        "content": b"",
        "created_at": now,
    }
    values = bind_each(IdempotencyKey, parameters)
    values["expired"] = bind(IdempotencyKey, "created_at", now - KEPT)
    values["abandoned"] = bind(IdempotencyKey, "created_at", now - ABANDONED)
    try:
        limit_waits(LOCK_TIMEOUT_MS)
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, values)
            return claimed if cursor.fetchall() else None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise _in_progress() from error
        raise


def _in_progress() -> Conflict:
    return Conflict("idempotency_in_progress")


def prune(now: datetime) -> dict[str, int]:
    """Deletes it and says how many rows of what. Safe to run twice at once."""
    return {"idempotency keys": delete_all(IdempotencyKey.objects.filter(created_at__lte=now - KEPT))}
