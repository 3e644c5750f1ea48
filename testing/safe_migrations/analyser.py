"""What django-migration-linter knows of SQL, and what it does not, for Django never sends that by itself."""

import re
from typing import Final

from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

# By their code: the message and the pattern of one statement.
FURTHER: Final = {
    "HIDDEN": ("HIDING what is sent", r"DO "),
    "REWRITE": (
        "WRITING the table anew",
        r"ALTER TABLE .* ADD COLUMN .* (GENERATED ALWAYS AS \(.*STORED|AS IDENTITY|(big|small)?serial)",
    ),
    "ADD_KEY": (
        "ADDING unique constraint",
        r"ALTER TABLE .* ADD (COLUMN .*|CONSTRAINT \S+ )?(UNIQUE|PRIMARY KEY)(?! USING INDEX)",
    ),
    "TAKE_TABLE": ("TAKING the table away", r"DROP SCHEMA |TRUNCATE |ALTER TABLE .* SET SCHEMA "),
}


def _check(code: str, message: str, pattern: str) -> Check:
    found = re.compile(pattern)
    return Check(code, lambda sql, **_: found.match(sql), message, CheckMode.ONE_LINER, CheckType.ERROR)


class Analyser(PostgresqlAnalyser):
    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        *(_check(code, message, pattern) for code, (message, pattern) in FURTHER.items()),
    ]
