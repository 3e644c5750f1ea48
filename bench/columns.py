"""The columns of a task, once: what a peer's table has, and a value for each in SQL.

Nothing here is random, so every database holds the same rows. The expressions see ``user_id``, ``n``
(from 1, the newest last), ``made`` (when the task was made) and ``done`` (whether it is completed).
"""

from dataclasses import dataclass
from typing import Final

# RFC 9562, section 5.7, as core.ids.uuid7 makes it; the tail is a hash instead of chance.
UUID7: Final = """(
    lpad(to_hex(floor(extract(epoch FROM made) * 1000)::bigint), 12, '0') || '7'
    || lpad(to_hex((extract(microseconds FROM made)::bigint % 1000) * 4096 / 1000), 3, '0')
    || '8' || substr(md5(user_id || n::text), 1, 15)
)::uuid"""

TITLE: Final = "'Call the ' || (ARRAY['baker','dentist','bank'])[1 + n % 3] || ', no. ' || n"
DESCRIPTION: Final = """
    CASE WHEN n % 2 = 0 THEN 'Ask about the opening hours first; the number is on the fridge. Take the blue '
    || 'folder along, and see the notes from meeting no. ' || n || '.' END
"""
TAGS: Final = "(ARRAY['home','work','errands'])[1:n % 4]"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    # Of a peer's table.
    definition: str
    value: str
    # In the database of the service, where it stores the same fact in another way.
    value_of_service: str | None = None


COLUMNS: Final = (
    Column("id", "uuid NOT NULL PRIMARY KEY", UUID7),
    Column("user_id", "varchar(128) NOT NULL REFERENCES peer_user", "user_id"),
    Column("title", "varchar(200) NOT NULL", TITLE),
    Column("description", "varchar(1000)", DESCRIPTION),
    Column("completed", "boolean NOT NULL", "done"),
    Column("completed_at", "timestamptz", "CASE WHEN done THEN made + interval '1 hour' END"),
    Column("priority", "varchar(6) NOT NULL", "(ARRAY['low','medium','high'])[1 + n % 3]", "1 + n % 3"),
    Column("due_at", "timestamptz", "CASE WHEN n % 3 = 0 THEN made + interval '9 days' END"),
    Column("tags", "varchar(50)[] NOT NULL", TAGS, f"array_to_json({TAGS})"),
    Column("created_at", "timestamptz NOT NULL", "made"),
    Column("updated_at", "timestamptz NOT NULL", "made"),
)
# What the contract shows of a task.
FIELDS: Final = frozenset({column.name for column in COLUMNS} | {"is_completed"})
# What the service keeps besides.
OTHERS_OF_SERVICE: Final = {
    "version": "1",
    "title_folded": f"lower({TITLE})",
    "description_folded": f"lower({DESCRIPTION})",
    "tag_keys": f"(SELECT array_agg(tag) FROM unnest({TAGS}) AS tag)",  # noqa: S608 - our own words
}

# One task a minute; never a whole second, whose fraction some would leave out.
SOURCE: Final = """
    SELECT %(user_id)s AS user_id, n, n %% 3 = 0 AS done,
           timestamptz '2026-01-14T10:00:00.123456Z' + n * interval '1 minute' AS made
    FROM generate_series(1, %(count)s) AS n
"""
