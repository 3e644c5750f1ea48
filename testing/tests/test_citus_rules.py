"""Each rule of Citus is broken once, as SQL that PostgreSQL takes; and beside it what Citus takes too."""

from typing import Final

import psycopg
import pytest
from django.db import connection, transaction

from core.sql.statements import is_distributed
from testing.callers import Caller
from testing.citus.watch import RefusedByCitus, check

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgresql,
    pytest.mark.names_no_owner("breaks the rules of another watch as well"),
]

REFUSED: Final = {
    "UPDATE tasks_task SET completed_at = COALESCE(completed_at, now()) WHERE user_id = 'a'": "COALESCE",
    "UPDATE tasks_task SET due_at = CASE WHEN due_at IS NULL THEN CURRENT_TIMESTAMP END WHERE user_id = 'a'": "CASE",
    "DELETE FROM tasks_task WHERE user_id = 'a' AND due_at < COALESCE(updated_at, statement_timestamp())": "COALESCE",
    "UPDATE tasks_task SET title = CASE id WHEN '01a21a6c-6431-758d-b45a-1e05aa1ef337' THEN 'b' ELSE title END"
    " WHERE user_id = 'a'": "compares within CASE",
    "UPDATE accounts_user SET updated_at = COALESCE(followed_at, now())": "COALESCE",
    "UPDATE tasks_task SET title = random()::text WHERE user_id = 'a'": "volatile",
    "DELETE FROM tasks_task WHERE user_id = 'a' AND due_at < clock_timestamp()": "volatile",
    "UPDATE tasks_task SET title = concat(title, '!') WHERE user_id = 'a'": "with a column",
    "UPDATE tasks_task SET title = 'b' WHERE user_id = 'a' RETURNING now()": "returns",
    "INSERT INTO core_usage AS u (user_id, kind, used) VALUES ('a', 'b', 1)"
    " ON CONFLICT (kind) DO UPDATE SET used = 2": "conflict",
    "INSERT INTO core_usage AS u (user_id, kind, used) VALUES ('a', 'b', 1)"
    " ON CONFLICT (user_id, kind) DO UPDATE SET changed_at = now()": "conflict",
    "INSERT INTO core_usage AS u (user_id, kind, used) VALUES ('a', 'b', 1)"
    " ON CONFLICT (user_id, kind) DO UPDATE SET user_id = 'b'": "changes the owner",
    "UPDATE tasks_task SET user_id = 'b' WHERE user_id = 'a'": "changes the owner",
    "SELECT id FROM accounts_user u WHERE EXISTS (SELECT FROM accounts_session s WHERE s.user_id = u.id)": "each row",
    "SELECT id, (SELECT max(title) FROM tasks_task t WHERE t.user_id = u.id) FROM accounts_user u": "each row",
    "SELECT u.id FROM accounts_user u LEFT JOIN LATERAL"
    " (SELECT id FROM tasks_task t WHERE t.user_id = u.id LIMIT 1) AS found ON TRUE": "each row",
    "SELECT 1 FROM tasks_task t JOIN tasks_entry e ON e.task_id = t.id": "joins",
    "SELECT 1 FROM tasks_task t, tasks_entry e WHERE t.user_id = 'a' AND e.task_id = t.id": "joins",
    "SELECT 1 FROM tasks_task t JOIN tasks_entry e ON e.task_id = t.id AND (e.user_id = t.user_id OR TRUE)": "joins",
    "SELECT 1 FROM tasks_task t WHERE EXISTS (SELECT FROM tasks_entry e WHERE e.task_id = t.id)": "others than",
    "SELECT 1 FROM tasks_task WHERE id = '00000000-0000-7000-8000-000000000000' FOR UPDATE": "locks",
    "SELECT 1 FROM tasks_task WHERE user_id IN ('a', 'b') FOR NO KEY UPDATE": "locks",
    "SELECT id FROM tasks_task ORDER BY id LIMIT (SELECT 10)": "bounds",
    "SELECT id FROM tasks_task WHERE user_id IN ('a', 'b') ORDER BY id LIMIT 10 OFFSET (SELECT 10)": "bounds",
    "INSERT INTO core_usage (user_id, kind, used) SELECT 'a', 'b', count(*) FROM tasks_task": "elsewhere",
    "INSERT INTO core_usage (user_id, kind, used) SELECT id, 'b', 0 FROM accounts_user": "elsewhere",
    "INSERT INTO core_usage (user_id, kind, used) VALUES ('a', 'b', (SELECT 1))": "sub-select",
    "ALTER TABLE assistant_message ADD CONSTRAINT x FOREIGN KEY (conversation_id)"
    " REFERENCES assistant_conversation (id)": "without its owner",
    "ALTER TABLE core_usage ADD CONSTRAINT x UNIQUE (kind)": "unique",
    "CREATE UNIQUE INDEX x ON core_usage (kind)": "unique",
}
# What Citus takes, but does another way: the parts of a statement one after the other. And keys that are deferrable,
# whose outstanding checks keep a table with rows from being spread.
OURS: Final = {
    "WITH gone AS (DELETE FROM tasks_task RETURNING id) SELECT count(*) FROM gone": "without one owner",
    "WITH done AS (UPDATE tasks_task SET title = 'b' WHERE user_id IN ('a', 'b') RETURNING id)"
    " SELECT count(*) FROM done": "without one owner",
    "ALTER TABLE assistant_message ADD CONSTRAINT x FOREIGN KEY (user_id, conversation_id)"
    " REFERENCES assistant_conversation (user_id, id) DEFERRABLE INITIALLY DEFERRED": "deferrable",
}
# Features that are not there, joins across machines, keys that are none, a comparison that was told otherwise: not that
# a key is broken, nor row security.
SQLSTATES: Final = {"0A000", "XX000", "42P10", "42830", "42883"}
TAKEN: Final = (
    # A name that an inner level gives is not asked for in the level around it, over and over.
    "WITH found AS (UPDATE core_usage SET used = 1 WHERE user_id = 'a' RETURNING version) SELECT version FROM found",
    "UPDATE tasks_task SET completed_at = COALESCE(completed_at, '2026-01-01') WHERE user_id = 'a'",
    "UPDATE tasks_task SET updated_at = now() WHERE user_id = 'a'",
    "SELECT COALESCE(due_at, now()) FROM tasks_task WHERE user_id = 'a'",
    "INSERT INTO core_usage AS u (user_id, kind, used) VALUES ('a', 'b', 1)"
    " ON CONFLICT (user_id, kind) DO UPDATE SET used = u.used + EXCLUDED.used",
    "INSERT INTO core_usage (user_id, kind, used) VALUES ('a', 'b', 1) ON CONFLICT DO NOTHING",
    "SELECT id FROM accounts_user WHERE id IN (SELECT user_id FROM accounts_session WHERE last_seen_at > now())",
    "SELECT id FROM accounts_user u WHERE u.id = 'a'"
    " AND EXISTS (SELECT FROM accounts_session s WHERE s.user_id = u.id)",
    "SELECT u.id FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id WHERE s.user_id = 'a'",
    "SELECT 1 FROM tasks_task t JOIN tasks_entry e ON e.user_id = t.user_id AND e.task_id = t.id",
    "SELECT 1 FROM tasks_task t, tasks_entry e WHERE t.user_id = 'a' AND e.user_id = 'a' AND e.task_id = t.id",
    "SELECT 1 FROM tasks_task t WHERE EXISTS"
    " (SELECT FROM tasks_entry e WHERE e.user_id = t.user_id AND e.task_id = t.id)",
    "SELECT 1 FROM tasks_task WHERE user_id = 'a' FOR UPDATE",
    "SELECT 1 FROM tasks_task WHERE user_id IN ('a') FOR UPDATE",
    "SELECT 1 FROM accounts_user WHERE role = 'admin' FOR UPDATE",
    "SELECT id FROM tasks_task WHERE user_id = 'a' ORDER BY id LIMIT (SELECT 10)",
    "SELECT id FROM tasks_task ORDER BY id LIMIT 10",
    "INSERT INTO core_usage (user_id, kind, used) SELECT user_id, 'b', 0 FROM tasks_task WHERE user_id = 'a'",
    "WITH done AS (UPDATE tasks_task SET title = 'b' WHERE user_id = 'a' RETURNING id) SELECT count(*) FROM done",
    "UPDATE tasks_task SET title = 'b'",
    "DELETE FROM tasks_task WHERE id IN (SELECT task_id FROM tasks_entry WHERE user_id = 'a')",
)


@pytest.mark.parametrize("sql", [*REFUSED, *OURS])
def test_a_statement_that_citus_refuses_fails_the_test_it_runs_in(sql: str) -> None:
    with connection.cursor() as cursor, pytest.raises(RefusedByCitus, match={**REFUSED, **OURS}[sql]):
        cursor.execute(sql)


@pytest.mark.parametrize("sql", TAKEN)
def test_a_statement_that_citus_takes_passes(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")

    check(sql)


def test_citus_says_the_same(alice: Caller) -> None:
    if not is_distributed():
        pytest.skip("the suite runs on one PostgreSQL")

    for sql in REFUSED:
        assert said(sql) in SQLSTATES, sql
    for sql in [*OURS, *(f"EXPLAIN {sql}" for sql in TAKEN)]:
        assert said(sql) is None, sql


def said(sql: str) -> str | None:
    """The SQLSTATE that it is refused with; past the watch, which would speak first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Opens the rows.
            cursor.execute("SELECT 1")
        try:
            with connection.connection.transaction(force_rollback=True):
                connection.connection.execute(sql)
        except psycopg.Error as error:
            return error.sqlstate
    return None
