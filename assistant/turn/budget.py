"""What a person's turns may cost in a day."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from assistant.models import TokenUse
from core.deleted_owners import stored_for
from core.errors import TooManyRequests
from core.sql.statements import bind

RESERVE: Final = """
    INSERT INTO assistant_tokenuse AS held ("user_id", day, tokens) VALUES (%(user)s, %(day)s, %(tokens)s)
    ON CONFLICT ("user_id", day) DO UPDATE SET tokens = held.tokens + EXCLUDED.tokens
    WHERE held.tokens + EXCLUDED.tokens <= %(budget)s
    RETURNING tokens
"""
SETTLE: Final = """
    UPDATE assistant_tokenuse SET tokens = CASE WHEN tokens + %s > 0 THEN tokens + %s ELSE 0 END
    WHERE "user_id" = %s AND day = %s
"""


class Reservation:
    """Tokens taken from a person's budget of the day before they are spent, so that turns at once share it."""

    def __init__(self, user_id: str, tokens: int) -> None:
        """Raises ``TooManyRequests`` where that many are not left, and as ``stored_for`` does."""
        self._user_id, self._tokens = user_id, tokens
        self._day = bind(TokenUse, "day", timezone.now().astimezone(UTC).date())
        budget = settings.LLM_DAILY_TOKENS
        values = {"user": user_id, "day": self._day, "tokens": tokens, "budget": budget}
        with stored_for(user_id):
            if tokens > budget or not _is_reserved(values):
                raise _spent(budget)

    def settle(self, spent: int) -> None:
        """Puts what was really spent in the place of what was reserved."""
        difference = spent - self._tokens
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, [difference, difference, self._user_id, self._day])


def _is_reserved(values: Mapping[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, values)
        return bool(cursor.fetchall())


def _spent(budget: int) -> TooManyRequests:
    now = timezone.now().astimezone(UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return TooManyRequests(
        "tokens_spent",
        limit=budget,
        retry_after_seconds=int((midnight - now).total_seconds()) + 1,
    )
