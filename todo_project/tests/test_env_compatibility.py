"""One setting sets what the clients of one backend rely on; each of them may be set by itself."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from todo_project.env import values
from todo_project.env.reader import EnvError
from todo_project.family.presets import PRESETS

pytestmark = pytest.mark.once

KEY = "k" * 32
SESSIONS = "postgresql://app:secret@db/better_auth"


def read(**source: str) -> values.Env:
    return values.read({"SECRET_KEY": KEY, **source})


def changed(**source: str) -> dict[str, Any]:
    """What differs from a start without any setting."""
    usual = asdict(read())
    return {name: value for name, value in asdict(read(**source)).items() if value != usual[name]}


@pytest.mark.parametrize(
    ("chosen", "sets"),
    [
        ("a", {"list_envelope": False, "task_aliases": True}),
        ("b", {"list_envelope": False, "task_aliases": True}),
        ("c", {}),
        ("d", {"access_token_seconds": 86_400}),
        ("e", {"list_envelope": "data.tasks", "task_aliases": True, "access_token_seconds": 604_800}),
        ("family", {"list_envelope": "tasks", "task_aliases": True}),
    ],
)
def test_each_value_sets_what_its_clients_rely_on_and_nothing_else(chosen: str, sets: dict[str, Any]) -> None:
    found = changed(COMPATIBLE_WITH=chosen, **({"BETTER_AUTH_DATABASE_URL": SESSIONS} if chosen == "b" else {}))

    found.pop("better_auth_database", None)
    assert found == {"compatible_with": chosen, **sets}


def test_every_value_has_a_test() -> None:
    assert set(PRESETS) == {"a", "b", "c", "d", "e", "family"}


def test_a_setting_of_its_own_wins_without_a_warning() -> None:
    found = read(COMPATIBLE_WITH="E", LIST_ENVELOPE="tasks", TASK_ALIASES="false", JWT_EXPIRATION_DELTA="3600")

    assert (found.list_envelope, found.task_aliases, found.access_token_seconds) == ("tasks", False, 3600)
    assert found.warnings == ()


@pytest.mark.parametrize("chosen", ["d", "e"])
@pytest.mark.parametrize(("name", "value"), [("ACCESS_TOKEN_EXPIRE_MINUTES", "10"), ("JWT_EXPIRATION_DELTA", "600")])
def test_so_does_one_under_another_alias(chosen: str, name: str, value: str) -> None:
    found = read(COMPATIBLE_WITH=chosen, **{name: value})

    assert found.access_token_seconds == 600
    assert found.warnings == ()


def test_an_empty_value_is_none() -> None:
    assert changed(COMPATIBLE_WITH="", LIST_ENVELOPE="") == {}


def test_b_is_refused_without_the_database_of_its_sessions() -> None:
    with pytest.raises(EnvError, match=r"^BETTER_AUTH_DATABASE_URL is required with COMPATIBLE_WITH=b"):
        read(COMPATIBLE_WITH="b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMPATIBLE_WITH", "f"),
        ("COMPATIBLE_WITH", "a,b"),
        ("LIST_ENVELOPE", "data"),
        ("TASK_ALIASES", "status"),
        ("CHAT_TOOL_CALLS", "text"),
        ("BETTER_AUTH_DATABASE_URL", "mysql://app:secret@db/better_auth"),
        ("BETTER_AUTH_DATABASE_URL", "postgresql://app:secret@db"),
    ],
)
def test_a_bad_value_is_refused_by_its_name_and_not_quoted(name: str, value: str) -> None:
    with pytest.raises(EnvError, match=rf"^{name} ") as refused:
        read(**{name: value})

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("value", ["tasks", "Data.Tasks"])
def test_the_names_of_shapes_are_taken_in_any_case(value: str) -> None:
    assert read(LIST_ENVELOPE=value).list_envelope == value.lower()


def test_the_sessions_may_lie_in_a_file_too(tmp_path: Path) -> None:
    database = values.read({"BETTER_AUTH_DATABASE_URL": "sqlite:///auth.sqlite3"}, tmp_path).better_auth_database

    assert database is not None
    assert database["NAME"] == "auth.sqlite3"
