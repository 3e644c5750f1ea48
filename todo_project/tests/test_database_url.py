from pathlib import Path
from typing import Any

import pytest

from todo_project.env import database_urls, databases
from todo_project.env.values import BASE_DIR
from todo_project.tests.test_env import SECRET, read, refusal

NEON = "ep-cool-name-123-pooler.eu-central-1.aws.neon.tech"


def parsed(url: str) -> dict[str, Any]:
    return read(DATABASE_URL=url).database


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "POSTGRESQL"])
@pytest.mark.parametrize("query", ["sslmode=require", "ssl=require", "ssl=true"])
def test_postgresql_in_every_spelling(scheme: str, query: str) -> None:
    found = parsed(f"{scheme}://user:p%40ss%2Fw%25d@host.example.com:6543/db?{query}")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("user", "p@ss/w%d", "db")
    assert (found["HOST"], found["PORT"]) == ("host.example.com", 6543)
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_neon_as_pasted() -> None:
    found = parsed(f"postgresql://me:npg_x@{NEON}/neondb?sslmode=require&channel_binding=require")
    assert (found["HOST"], found["NAME"]) == (NEON, "neondb")
    assert found["OPTIONS"] == {"sslmode": "require", "channel_binding": "require"}


@pytest.mark.parametrize("url", ["postgresql:///db?host=/tmp", "postgresql://%2Ftmp/db"])
def test_a_unix_socket(url: str) -> None:
    found = parsed(url)
    assert (found["HOST"] or found["OPTIONS"]["host"], found["NAME"]) == ("/tmp", "db")  # noqa: S108 - not a file of ours


def test_asyncpg_s_own_options_are_left_out() -> None:
    found = parsed("postgresql+asyncpg://u:p@h/d?prepared_statement_cache_size=0&ssl=disable")
    assert found["OPTIONS"] == {"sslmode": "disable"}


def test_libpq_s_options_are_kept_over_our_own() -> None:
    entry = databases.postgres(
        parsed("postgresql://u:p@h/d?application_name=mine&connect_timeout=9"),
        pool_size=2, max_overflow=3, pre_ping=False, recycle_seconds=60, limits={},
    )  # fmt: skip
    assert (entry["OPTIONS"]["application_name"], entry["OPTIONS"]["connect_timeout"]) == ("mine", 9)
    assert entry["POOL_PRE_PING"] is False
    pool = entry["OPTIONS"]["pool"]
    assert (pool["min_size"], pool["max_size"], pool["max_lifetime"]) == (2, 5, 60)


def test_sqlite_files(tmp_path: Path) -> None:
    def file(url: str) -> str:
        return str(databases.sqlite(parsed(url), BASE_DIR)["NAME"])

    assert file(f"sqlite:///{tmp_path}/todo.db") == f"{tmp_path}/todo.db"
    assert file("sqlite:///todo.db") == f"{BASE_DIR}/todo.db"
    assert file("sqlite+aiosqlite:///./todo.db") == f"{BASE_DIR}/todo.db"
    assert file("sqlite:///:memory:") == ":memory:"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:hidden@host/db",
        "hidden",
        "postgresql:user:hidden@host/db",
        "postgresql://user:hidden@host",
        "postgresql://user:hidden@host/",
        "postgresql://user:hidden@host:port/db",
        "postgresql://user:hidden@host:99999/db",
        "postgresql://user:hid/den@host/db",
        "postgresql://user:hid#den@host/db",
        "postgresql://user:hid?den@host/db",
        "postgresql://user:hidden@[host/db",
        "postgresql://user:hidden℀@host/db",
        "postgresql://user:hidden@host/db\n?x",
        "postgresql://user:hid den@host/db",
        "postgresql://user:hidden@host/db?sslmode=yes",
        "postgresql://user:hidden@host/db?hidden=1",
        "postgresql://user:hidden@host/db?hidden",
        "sqlite:///user:hidden@host/directory/db.sqlite3",
        "sqlite:////hid%0Aden/directory/db.sqlite3",
        "sqlite:///db.sqlite3?mode=hidden",
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "NEON_DB_URL", "DATABASE_REPLICA_URL"])
def test_a_bad_url_is_named_and_nothing_of_it_is_quoted(name: str, url: str) -> None:
    line = refusal({"SECRET_KEY": SECRET, name: url})
    assert line.startswith(f"{name} ")
    assert line.isprintable()
    for word in ("hid", "user", "host"):
        assert word not in line


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    line = refusal({"SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{tmp_path}/missing/db.sqlite3"})
    assert line.startswith("DATABASE_URL names a file that uid ")
    assert f": there is no folder {tmp_path}/missing; make it, " in line


@pytest.mark.parametrize(
    ("url", "may_prepare"),
    [
        ("postgresql://u@db.example.com/todo", True),
        ("postgresql://u@ep-x-pooler.eu.example.com/todo?sslmode=require", False),
        ("postgresql://u@db.example.com:6543/todo?pgbouncer=true", False),
        ("postgresql://u@db.example.com/todo?pgbouncer=True", False),
        ("postgresql://u@db.example.com/todo?pgbouncer=1", False),
        ("postgresql://u@db.example.com/todo?pgbouncer=false", True),
        ("postgresql://u.x:p@aws-0-eu-west-1.pooler.supabase.com:6543/postgres", False),
        ("postgresql://u.x:p@aws-0-eu-west-1.pooler.supabase.com:5432/postgres", True),
        ("postgresql+asyncpg://u@db.example.com/todo?prepared_statement_cache_size=0", False),
        ("postgresql+asyncpg://u@db.example.com/todo?statement_cache_size=100", True),
    ],
)
def test_statements_are_prepared_unless_a_transaction_pooler_stands_between(url: str, may_prepare: bool) -> None:
    parsed = database_urls.parse_database_url(url, BASE_DIR)
    entry = databases.postgres(parsed, pool_size=1, max_overflow=0, pre_ping=True, recycle_seconds=300, limits={})

    assert (entry["OPTIONS"]["prepare_threshold"] is not None) is may_prepare


@pytest.mark.parametrize(
    ("url", "is_distributed"),
    [("postgresql://u@db.example.com/todo?citus=true", True), ("postgresql://u@db.example.com/todo", False)],
)
def test_that_citus_spreads_the_tables_is_said_in_the_url(url: str, is_distributed: bool) -> None:
    parsed = database_urls.parse_database_url(url, BASE_DIR)

    assert parsed["IS_DISTRIBUTED"] is is_distributed
    assert "citus" not in parsed.get("OPTIONS", {})


POSTGRESQL = "postgresql://todo:a-password@db.example.com/todo"


def test_a_replica_has_a_pool_of_its_own_and_little_patience() -> None:
    found = databases.own(
        read(DATABASE_URL=POSTGRESQL, DATABASE_REPLICA_URL="postgres://todo:x@standby/todo?pgbouncer=true"), BASE_DIR
    )
    assert (found["default"]["HOST"], found["replica"]["HOST"]) == ("db.example.com", "standby")
    assert found["replica"]["OPTIONS"]["prepare_threshold"] is None
    assert found["replica"]["OPTIONS"]["pool"]["timeout"] < 1
    assert found["replica"]["LIMITS"] == {"statement_timeout": 900}


def test_there_is_no_replica_unless_one_is_named() -> None:
    assert list(databases.own(read(DATABASE_URL=POSTGRESQL), BASE_DIR)) == ["default"]
    assert list(databases.own(read(), BASE_DIR)) == ["default"]


@pytest.mark.parametrize("url", [POSTGRESQL, "postgres://another@DB.example.com:5432/todo?sslmode=require"])
def test_the_database_itself_is_no_replica_of_itself(url: str) -> None:
    found = read(DATABASE_URL=POSTGRESQL, DATABASE_REPLICA_URL=url)
    assert found.database_replica is None
    assert found.warnings == ("DATABASE_REPLICA_URL names the database of DATABASE_URL, so there is no replica.",)


@pytest.mark.parametrize(
    ("database", "replica", "reason"),
    [
        (POSTGRESQL, "sqlite:///copy.sqlite3", "must start with postgresql://; SQLite has no replicas."),
        (POSTGRESQL, "mysql://u:p@h/d", "must start with postgresql://; SQLite has no replicas."),
        (POSTGRESQL, "postgresql://u:p@h", "names no database."),
        ("", POSTGRESQL, "needs PostgreSQL in DATABASE_URL: SQLite has no replicas."),
        ("sqlite:///db.sqlite3", POSTGRESQL, "needs PostgreSQL in DATABASE_URL: SQLite has no replicas."),
        (f"{POSTGRESQL}?citus=true", "postgresql://u:p@h/d", "does not go with citus=true in DATABASE_URL."),
    ],
)
def test_what_can_be_no_replica_is_refused(database: str, replica: str, reason: str) -> None:
    source = {"SECRET_KEY": SECRET, "DATABASE_URL": database, "DATABASE_REPLICA_URL": replica}
    assert refusal(source) == f"DATABASE_REPLICA_URL {reason}"
