"""The security log: what happened to whom, from where.

A change and its event stand or fall together: ``record`` goes into the change's transaction. A refusal is no
change, and what raises it must not take it along: ``record_failure`` and ``count`` go outside of all.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import AuthEvent
from core.ids import uuid7
from core.rest.client import Client, group_address
from core.sql.statements import bind_each
from core.telemetry import metrics

logger = logging.getLogger(__name__)
EVENTS: Final = metrics.Counter("todo_auth_events_total", "What the security log is told of.", "kind")

Kind = AuthEvent.Kind
# Before and after, by the name of what changed.
Changes = Mapping[str, tuple[Any, Any]]
COUNT_SQL: Final = """
    INSERT INTO accounts_authevent
        (id, kind, subject, address, user_agent, success, reason, request_id, minute, count, created_at)
    VALUES (%(id)s, %(kind)s, '', %(address)s, %(user_agent)s, FALSE, %(reason)s, %(request_id)s, %(minute)s, 1,
            %(created_at)s)
    ON CONFLICT (address, kind, reason, minute) DO UPDATE SET count = accounts_authevent.count + 1
"""


def record(
    kind: AuthEvent.Kind, client: Client, *, subject: str, reason: str = "", changes: Changes | None = None
) -> AuthEvent:
    """Something that was done, in the transaction that does it, by the subject unless ``client.actor`` is another."""
    actor = subject if client.actor is None else client.actor
    return _write(kind, client, subject, success=True, reason=reason, actor=actor or None, changes=changes)


def record_failure(kind: AuthEvent.Kind, client: Client, *, subject: str, reason: str = "") -> None:
    """Something that was refused. Raises ``RuntimeError`` in a transaction, whose end could undo it."""
    with transaction.atomic(durable=True):
        _write(kind, client, subject, success=False, reason=reason)


def _write(kind: AuthEvent.Kind, client: Client, subject: str, **fields: Any) -> AuthEvent:
    transaction.on_commit(partial(EVENTS.count, kind.value))
    return AuthEvent.objects.create(
        kind=kind,
        subject=subject,
        address=client.address,
        user_agent=client.user_agent,
        request_id=client.request_id,
        **fields,
    )


def count(kind: AuthEvent.Kind, client: Client, *, reason: str) -> None:
    """One row per address (of IPv6 its /64), reason and minute, however often: knocking cannot fill the disk."""
    now = timezone.now()
    stored = bind_each(AuthEvent, {"id": uuid7(), "minute": now.replace(second=0, microsecond=0), "created_at": now})
    values = {
        "kind": kind.value,
        "address": group_address(client.address),
        "user_agent": client.user_agent,
        "reason": reason,
        "request_id": client.request_id,
        **stored,
    }
    EVENTS.count(kind.value)
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_SQL, values)
    except DatabaseError as error:
        # The answer is a refusal whether it can be written down or not.
        logger.warning("A refusal is missing in the security log (%s)", type(error).__qualname__)
