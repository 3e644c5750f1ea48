"""``manage.py distribute``. No Citus is packaged for where the suite runs: here PostgreSQL executes all of it but
Citus' own functions, which only note what they were asked for, and the service then runs on the tables as they are.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from assistant.models import Message
from core.sql.postgresql import distribution
from core.sql.row_owner import rows_of
from core.sql.statements import is_distributed, limit_waits
from tasks.models import Task
from testing.callers import Caller
from testing.watching.ownership import OWNED_TABLES
from todo_project.row_security import TABLES

pytestmark = pytest.mark.django_db

# The catalogs that are asked, and the functions by their names and arguments.
CITUS: Final = """
    CREATE TABLE pg_dist_partition (logicalrelid regclass, colocated_with text);
    CREATE FUNCTION create_reference_table(name text) RETURNS void LANGUAGE sql
        AS 'INSERT INTO pg_dist_partition VALUES (name::regclass, NULL)';
    CREATE FUNCTION create_distributed_table(name text, by text, colocate_with text) RETURNS void LANGUAGE sql
        AS 'INSERT INTO pg_dist_partition VALUES (name::regclass, colocate_with)';
    CREATE FUNCTION truncate_local_data_after_distributing_table(name text) RETURNS void LANGUAGE sql AS '';
"""

PROTECTED: Final = "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
CONSTRAINTS: Final = """
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid), condeferrable FROM pg_constraint
    WHERE contype IN ('p', 'u', 'f', 'x')
"""
# Those of constraints are there too.
UNIQUE_INDEXES: Final = """
    SELECT x.indrelid::regclass::text, array_agg(a.attname::text)
    FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
    WHERE x.indisunique GROUP BY x.indrelid, x.indexrelid
"""


@pytest.fixture
def citus(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CITUS)
    monkeypatch.setattr(distribution, "refusal", lambda: None)


@pytest.fixture
def distributed(citus: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    distribute()
    monkeypatch.setitem(connection.settings_dict, "IS_DISTRIBUTED", True)
    is_distributed.cache_clear()
    yield
    is_distributed.cache_clear()


def distribute(*options: str) -> list[str]:
    out = io.StringIO()
    call_command("distribute", *options, stdout=out)
    return out.getvalue().splitlines()


def ask(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_a_server_that_is_no_coordinator_is_refused() -> None:
    wanted = "no extension named citus" if connection.vendor == "postgresql" else "SQLite has no machines"

    with pytest.raises(CommandError, match=wanted):
        distribute()
    with pytest.raises(CommandError, match=wanted):
        distribute("--dry-run")


def test_whatever_names_its_owner_is_spread() -> None:
    # The journal has no foreign key in the database, and is an owner's all the same.
    assert set(OWNED_TABLES) | set(TABLES) <= set(distribution.owned_tables())
    assert distribution.log_tables() == ["django_admin_log"]
    assert distribution.users_table() == "accounts_user"


@pytest.mark.names_no_owner("changes tables and reads none")
@pytest.mark.postgresql
def test_a_dry_run_prints_what_a_run_does_and_changes_nothing(citus: None) -> None:
    said = distribute("--dry-run")

    assert ask("SELECT count(*) FROM pg_dist_partition") == [(0,)]
    assert distribute() == said
    assert distribute() == distribute("--dry-run") == ["Everything is distributed."]


@pytest.mark.names_no_owner("changes tables and reads none")
@pytest.mark.postgresql
def test_tables_are_as_citus_takes_them(citus: None) -> None:
    protected = ask(PROTECTED)
    said = distribute()

    owned = distribution.owned_tables()
    assert said[0] == "SET LOCAL citus.multi_shard_modify_mode TO 'sequential';"
    spread = [re.findall(r"'(\w+)'", line) for line in said if "create_distributed_table" in line]
    assert spread == [[name, "user_id", "none" if name == owned[0] else owned[0]] for name in owned]
    for table, definition, is_deferrable in ask(CONSTRAINTS):
        if table in owned:
            assert not is_deferrable, table
            assert "FOREIGN KEY" not in definition or definition.endswith(" ON DELETE CASCADE"), (table, definition)
            assert re.match(r"[A-Z ]+\((\w+, )*user_id\b", str(definition)), (table, definition)
        elif table == "django_admin_log":
            assert "accounts_user" not in str(definition)
    unique = [(str(table), columns) for table, columns in ask(UNIQUE_INDEXES) if table in owned]
    assert unique
    assert not [found for found in unique if "user_id" not in found[1]]
    policies: dict[object, object] = dict(ask("SELECT tablename, qual FROM pg_policies WHERE schemaname = 'public'"))
    assert {(name,) for name in policies} == set(protected) >= {(name,) for name in TABLES}
    assert not [qual for qual in policies.values() if "SELECT" in str(qual)]
    assert sorted(ask(PROTECTED)) == sorted(protected)


@pytest.mark.postgresql
def test_rows_are_their_owners_alone_on_them(distributed: None, alice: Caller, bob: Caller) -> None:
    created = alice.post(alice.tasks, {"title": "Buy milk"}, idempotency_key="one-and-only")
    path = f"{alice.tasks}/{created.json['id']}"

    assert created.status == 201
    # Without it the machines would not be told whose rows are open.
    assert ask("SELECT current_setting('citus.propagate_set_commands', true)") == [("local",)]
    assert alice.patch(path, {"title": "Buy bread"}).status == 200
    assert [task["title"] for task in alice.get(alice.tasks).json["data"]] == ["Buy bread"]
    assert bob.get(f"{bob.tasks}/{created.json['id']}").status == 404
    with rows_of(bob.id):
        assert not Task.objects.filter(user_id=alice.id).exists()
    with rows_of("o'brien\\"):
        assert not Task.objects.filter(user_id=alice.id).exists()
    assert alice.delete(path).status == 204


@pytest.mark.postgresql
def test_the_machines_are_told_how_long_a_lock_is_waited_for(
    distributed: None, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "LIMITS", {"lock_timeout": 1234})

    with rows_of(alice.id):
        assert ask("SELECT current_setting('lock_timeout')") == [("1234ms",)]
        limit_waits(567)
        assert ask("SELECT current_setting('lock_timeout')") == [("567ms",)]


@pytest.mark.postgresql
def test_an_account_goes_with_its_conversations(distributed: None, alice: Caller) -> None:
    assert alice.post(f"/api/{alice.id}/chat", {"message": "add a task to call mum"}).status == 200
    assert Message.objects.filter(user_id=alice.id).exists()
    User.objects.get(id=alice.id).delete()

    assert not Message.objects.filter(user_id=alice.id).exists()


@pytest.mark.postgresql
@pytest.mark.names_no_owner("moves whole tables")
@pytest.mark.parametrize("command", [("demo",), ("import_backend", "a", "--database-url", "sqlite:////nowhere")])
def test_what_stores_rows_of_many_at_once_is_done_before(distributed: None, command: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"before manage\.py distribute"):
        call_command(*command)


@pytest.mark.postgresql
@pytest.mark.names_no_owner("moves whole tables")
def test_a_service_that_is_not_told_of_spread_tables_is_not_ready(
    citus: None, anonymous: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every list would be empty: no machine hears whose rows are open."""
    assert readiness(anonymous) == (200, "ok")

    assert "?citus=true" in distribute()[-1]
    assert readiness(anonymous) == (503, "failed")

    monkeypatch.setitem(connection.settings_dict, "IS_DISTRIBUTED", True)
    assert readiness(anonymous) == (200, "ok")


def readiness(caller: Caller) -> tuple[int, str]:
    answer = caller.get("/health/ready")
    return answer.status, answer.json["checks"]["row_security"]
