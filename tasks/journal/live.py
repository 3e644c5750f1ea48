"""Who waits to hear that there is something after a number, and what there is for all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from django.db import connection

from accounts.tokens.lasting import Lasting
from core.rest import events
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.row_owner import all_rows
from tasks.entries import LAST_NUMBER

REASON: Final = "live events"
# Of the owners that are listened for those whose number is another than the one that was told last.
NEWS: Final = """
    SELECT usage.user_id, usage.version FROM {told} JOIN core_usage AS usage ON usage.user_id = told.key
    WHERE usage.user_id = told.key AND usage.kind = 'tasks' AND usage.version > {version}
"""
TOLD: Final = {
    "postgresql": ("jsonb_each_text(%s::jsonb) AS told", "told.value::bigint"),
    "sqlite": ("json_each(%s) AS told", "told.value"),
}


@dataclass(slots=True, eq=False)
class Listener:
    caller: Lasting
    # The last number that was told.
    version: int

    @property
    def user_id(self) -> str:
        return self.caller.user_id


def read_version(user_id: str) -> int:
    """The number of the last change."""
    rows = owned.fetch(user_id, _last_number)
    return int(rows[0][0])


def _last_number(owner: Owner) -> Statement:
    return Statement(f"SELECT coalesce(({LAST_NUMBER.format(owner=owner.sql('%s'))}), 0) AS version", owner.values)


def find_news(told: Mapping[str, int]) -> dict[str, int]:
    """The newest number of each of these owners who has one after that, by one statement."""
    if not told:
        return {}
    table, version = TOLD[connection.vendor]
    with all_rows(REASON), connection.cursor() as cursor:
        cursor.execute(NEWS.format(told=table, version=version), [orjson.dumps(told).decode()])
        return dict(cursor.fetchall())


def write(version: int) -> bytes:
    """The event."""
    return b"id: %d\n%b" % (version, events.encode("change", {"version": version}))
