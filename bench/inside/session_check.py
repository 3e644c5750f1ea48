"""python -m bench.inside.session_check TOKEN: prints the CPU microseconds of the session check, as it is
and as the ORM would do it: {"raw": ..., "orm": ...}, medians over batches in turn.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable
from statistics import median
from typing import Final

from django.utils import timezone

from accounts.models import Session
from accounts.sessions import callers
from accounts.tokens import own

BATCHES: Final = 15
CALLS: Final = 200


def by_orm(user_id: str, session_id: uuid.UUID) -> object:
    now = timezone.now()
    live = Session.objects.filter(user_id=user_id, id=session_id, ended_at=None, expires_at__gt=now)
    fields = [f"user__{name}" for name in callers.CALLER_FIELDS]
    session = live.filter(user__is_active=True).select_related("user").only("last_seen_at", *fields).first()
    return session and session.user


def microseconds(check: Callable[[str, uuid.UUID], object], token: own.OwnToken) -> float:
    before = time.thread_time()
    for _ in range(CALLS):
        if check(token.user_id, token.session_id) is None:
            raise RuntimeError("The session was not found.")
    return (time.thread_time() - before) / CALLS * 1e6


def main(text: str) -> None:
    token = own.read_access(text)
    found: dict[str, list[float]] = {"raw": [], "orm": []}
    for _ in range(BATCHES):
        found["raw"].append(microseconds(callers.find_session_user, token))
        found["orm"].append(microseconds(by_orm, token))
    # The first batch of each opens the connection and fills caches.
    print(json.dumps({name: median(values[1:]) for name, values in found.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
