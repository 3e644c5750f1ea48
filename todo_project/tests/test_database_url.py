import pytest

from todo_project.databases import parse_database_url


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////data/todo.sqlite3", "/data/todo.sqlite3"),
        ("sqlite:////todo.sqlite3", "/todo.sqlite3"),
        ("sqlite:///todo.sqlite3", "todo.sqlite3"),
        ("sqlite+aiosqlite:////data/todo.sqlite3", "/data/todo.sqlite3"),
        ("sqlite:///:memory:", ":memory:"),
    ],
)
def test_an_sqlite_path_is_taken_as_it_is_written(url: str, name: str) -> None:
    found = parse_database_url(url)

    assert found["NAME"] == name
    assert not found["HOST"]


def test_the_tls_mode_of_asyncpg_is_that_of_libpq() -> None:
    found = parse_database_url("postgresql+asyncpg://todo:p%40ss@db.example.com:6543/todo?ssl=require")

    assert found["OPTIONS"] == {"sslmode": "require"}
    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("db.example.com", 6543, "todo", "p@ss")
