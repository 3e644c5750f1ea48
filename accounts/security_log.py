"""The security log: what happened to whom, from where.

Events are written outside the transactions they tell of, so a rollback does not take them along.
"""

import logging
import uuid
from typing import Final

from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import AuthEvent
from core.ids import uuid7
from core.rest.client import Client

logger = logging.getLogger(__name__)

Kind = AuthEvent.Kind
COUNT_SQL: Final = """
    INSERT INTO accounts_authevent
        (id, kind, subject, address, user_agent, success, reason, request_id, minute, count, created_at)
    VALUES (%s, %s, '', %s, %s, FALSE, %s, %s, %s, 1, %s)
    ON CONFLICT (address, kind, reason, minute) DO UPDATE SET count = accounts_authevent.count + 1
"""


def record(kind: AuthEvent.Kind, client: Client, *, subject: str, success: bool = True, reason: str = "") -> None:
    AuthEvent.objects.create(
        kind=kind,
        subject=subject,
        address=client.address,
        user_agent=client.user_agent,
        request_id=client.request_id,
        success=success,
        reason=reason,
    )


def count(kind: AuthEvent.Kind, client: Client, *, reason: str) -> None:
    """One row per address, reason and minute, however often: knocking cannot fill the disk."""
    now = timezone.now()
    minute = connection.ops.adapt_datetimefield_value(now.replace(second=0, microsecond=0))
    created_at = connection.ops.adapt_datetimefield_value(now)
    values = [_uuid(), kind.value, client.address, client.user_agent, reason, client.request_id, minute, created_at]
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_SQL, values)
    except DatabaseError as error:
        # The answer is a refusal whether it can be written down or not.
        logger.warning("A refusal is missing in the security log (%s)", type(error).__qualname__)


def _uuid() -> uuid.UUID | str:
    made = uuid7()
    return made if connection.features.has_native_uuid_field else made.hex
