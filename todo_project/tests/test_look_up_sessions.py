"""A session token of Better Auth is its session's row, in tables of its own."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.db.backends.utils import CursorWrapper
from pytest_django import Settings

from accounts.models import TokenCutoff, User
from accounts.tokens import opaque
from core.errors import Unauthenticated
from testing.callers import Answer, Caller
from testing.issuers import bearer
from todo_project.env import database_urls, databases

TOKEN: Final = "Zk3vQ9sT4wZ1xC6nM3kL8jH5gF0dSaR7"
ADA: Final = "9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dSa"
# As Better Auth's own migration makes them for SQLite.
TABLES: Final = """
    CREATE TABLE "user" ("id" text PRIMARY KEY, "name" text, "email" text);
    CREATE TABLE "session"
        ("id" text PRIMARY KEY, "expiresAt" date, "token" text UNIQUE, "createdAt" date, "userId" text);
"""

AddSession = Callable[..., str]


@pytest.fixture
def file(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    found = database_urls.parse_database_url(f"sqlite:///{tmp_path}/better-auth.sqlite3", tmp_path)
    settings.BETTER_AUTH_DATABASE = databases.foreign(found, tmp_path)
    path = tmp_path / "better-auth.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    opaque.forget()
    yield path
    opaque.forget()


def execute(file: Path, sql: str, *values: Any) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(sql, values)


@pytest.fixture
def add_session(db: None, file: Path) -> AddSession:
    def add(
        token: str = TOKEN,
        user_id: str = ADA,
        created: timedelta = timedelta(),
        expires: timedelta = timedelta(days=7),
        **person: Any,
    ) -> str:
        now = datetime.now(UTC)
        known = {"name": "Ada", "email": "ada@example.com"} | person
        execute(file, 'INSERT OR IGNORE INTO "user" VALUES (?, ?, ?)', user_id, known["name"], known["email"])
        written = [f"{now + moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" for moment in (expires, created)]
        execute(file, 'INSERT INTO "session" VALUES (?, ?, ?, ?, ?)', token, written[0], token, written[1], user_id)
        return token

    return add


def me(token: str) -> Answer:
    return bearer(token).get("/api/auth/me")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements sent to Better Auth's tables."""
    seen = list[str]()
    execute = CursorWrapper.execute

    def watch(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        if '"session" s' in str(sql):
            seen.append(str(sql))
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", watch)
    return seen


def test_a_person_of_better_auth_has_tasks_here(add_session: AddSession) -> None:
    caller = bearer(add_session())

    assert caller.post("/api/tasks", {"title": "Buy milk"}).status == 201
    assert [task["title"] for task in caller.get(f"/api/{ADA}/tasks").json["data"]] == ["Buy milk"]
    user = User.objects.get()
    assert (user.id, user.email, user.name, user.issuer) == (ADA, "ada@example.com", "Ada", "better-auth")


def test_two_people_see_their_own_only(add_session: AddSession) -> None:
    ada, ben = bearer(add_session()), bearer(add_session("b" * 32, "ben", email="ben@example.com", name="Ben"))
    ada.post("/api/tasks", {"title": "Buy milk"})

    assert ben.get("/api/tasks").json["data"] == []
    assert ben.get(f"/api/{ADA}/tasks").is_problem(403, "forbidden")


def test_it_is_off_without_the_setting(add_session: AddSession, settings: Settings) -> None:
    token = add_session()
    settings.BETTER_AUTH_DATABASE = None

    assert me(token).is_problem(401, "token_invalid")


def test_it_is_the_same_person_as_by_a_token_without_an_issuer(add_session: AddSession, settings: Settings) -> None:
    settings.JWT_ISSUER = "https://app.example.com"

    assert me(add_session()).status == 200
    assert User.objects.get().issuer == "https://app.example.com"


@pytest.mark.parametrize(
    "token",
    [
        TOKEN[:-1],
        TOKEN.lower(),
        f"{TOKEN}x",
        f"%{TOKEN[1:]}",
        "_" * 32,
        "short",
        "x" * 256,
        "x" * 8000,
        f"{TOKEN}'",
        f"{TOKEN}é",
        f"{TOKEN} ",
    ],
)
def test_only_the_exact_text_is_the_token(add_session: AddSession, token: str) -> None:
    add_session()

    answer = me(token)

    # Spaces around it are none of it.
    assert answer.status == 200 if token.strip() == TOKEN else answer.is_problem(401, "token_invalid")


@pytest.mark.parametrize("token", ["short", "x" * 256, f"{TOKEN}'", f"{TOKEN}%00", f"todo_{TOKEN}", "a.b", "a.b.c"])
def test_what_can_be_none_is_not_asked_for(add_session: AddSession, asked: list[str], token: str) -> None:
    assert me(token).is_problem(401, "token_invalid")
    assert asked == []


def test_one_that_has_expired_says_so(add_session: AddSession) -> None:
    assert me(add_session(expires=timedelta(seconds=-1))).is_problem(401, "token_expired")
    assert not User.objects.exists()


@pytest.mark.parametrize("user_id", ["admin", "a b", "tasks", "a" * 129])
def test_an_id_that_can_be_none_here_is_refused(add_session: AddSession, user_id: str) -> None:
    assert me(add_session(user_id=user_id)).is_problem(401, "token_invalid")


def test_it_is_asked_once_and_trusted_for_five_seconds(
    add_session: AddSession, file: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = add_session()
    started = time.monotonic()
    now = SimpleNamespace(monotonic=lambda: started)
    monkeypatch.setattr(opaque, "time", now)

    assert [me(token).status for _ in range(3)] == [200] * 3
    assert len(asked) == 1
    execute(file, 'DELETE FROM "session"')
    now.monotonic = lambda: started + 4.9
    assert me(token).status == 200
    now.monotonic = lambda: started + 5.0
    assert me(token).is_problem(401, "token_invalid")
    assert me(token).is_problem(401, "token_invalid")


def test_it_is_trusted_no_longer_than_it_lasts(add_session: AddSession, monkeypatch: pytest.MonkeyPatch) -> None:
    token = add_session(expires=timedelta(seconds=4))
    started = time.monotonic()
    now = SimpleNamespace(monotonic=lambda: started)
    monkeypatch.setattr(opaque, "time", now)
    assert me(token).status == 200

    identity, until = opaque._trusted[token]  # noqa: SLF001 - how long is what is asked

    assert identity.subject == ADA
    assert until - started <= 4


def test_so_many_are_trusted_at_once_and_then_all_are_asked_for_again(
    add_session: AddSession, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opaque, "MAX_TRUSTED", 2)
    tokens = [add_session(token=letter * 32) for letter in "abc"]
    for token in (*tokens[:2], *tokens[:2]):
        assert me(token).status == 200
    assert len(asked) == 2

    assert me(tokens[2]).status == 200
    assert me(tokens[2]).status == 200
    assert len(asked) == 3
    assert me(tokens[0]).status == 200

    assert len(asked) == 4


def test_a_new_name_or_email_there_is_the_one_here(add_session: AddSession, file: Path) -> None:
    token = add_session()
    me(token)
    execute(file, 'UPDATE "user" SET "name" = ?, "email" = ?', "Ada Lovelace", "Countess@Example.com")
    opaque.forget()

    assert (me(token).json["name"], me(token).json["email"]) == ("Ada Lovelace", "countess@example.com")


@pytest.mark.parametrize("ends", ["logout", "logout-all"])
def test_a_session_that_was_ended_here_stays_ended_however_long_it_lives(
    add_session: AddSession, file: Path, ends: str
) -> None:
    token = add_session(created=timedelta(days=-40))
    caller = bearer(token)
    assert caller.get("/api/auth/me").status == 200
    assert caller.post(f"/api/auth/{ends}").status == 200

    # As Better Auth prolongs one that is used.
    execute(file, 'UPDATE "session" SET "expiresAt" = ?', "2999-01-01T00:00:00.000Z")
    opaque.forget()

    assert me(token).is_problem(401, "token_invalid")
    assert TokenCutoff.objects.filter(expires_at__year=9999).count() == (ends == "logout-all")
    assert me(add_session("n" * 32, created=timedelta(seconds=1))).status == 200


def test_a_deleted_account_is_made_anew_by_a_new_session_only(add_session: AddSession) -> None:
    old = bearer(add_session())
    old.post("/api/tasks", {"title": "Buy milk"})
    assert old.delete("/api/auth/me").status == 204

    assert old.get("/api/auth/me").is_problem(401, "token_invalid")
    new = bearer(add_session("n" * 32, created=timedelta(seconds=1)))
    assert new.get("/api/tasks").json["data"] == []


def test_a_disabled_user_is_refused(add_session: AddSession, admin: Caller) -> None:
    token = add_session()
    me(token)
    admin.patch(f"/api/admin/users/{ADA}", {"is_active": False})

    assert me(token).is_problem(401, "token_invalid")


@pytest.mark.parametrize("fault", ["no table", "no file"])
def test_its_database_being_away_is_503_for_these_callers_only(
    add_session: AddSession, file: Path, alice: Caller, fault: str, settings: Settings
) -> None:
    token = add_session()
    if fault == "no table":
        execute(file, 'DROP TABLE "session"')
    else:
        settings.BETTER_AUTH_DATABASE = {**settings.BETTER_AUTH_DATABASE, "NAME": str(file.parent / "no" / "such")}

    answer = me(token)

    assert answer.is_problem(503, "issuer_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert alice.get("/api/auth/me").status == 200
    assert bearer("x.y.z").get("/api/auth/me").is_problem(401)


def test_no_token_reaches_the_log(add_session: AddSession, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    token = add_session()
    execute(file, 'DROP TABLE "session"')

    me(token)

    assert "The database of Better Auth" in caplog.text
    assert token not in caplog.text
    assert str(file) not in caplog.text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-14T10:00:00.000Z", datetime(2026, 1, 14, 10, tzinfo=UTC)),
        ("2026-01-14 10:00:00", datetime(2026, 1, 14, 10, tzinfo=UTC)),
        ("1768384800000", datetime(2026, 1, 14, 10, tzinfo=UTC)),
        (datetime(2026, 1, 14, 10), datetime(2026, 1, 14, 10, tzinfo=UTC)),  # noqa: DTZ001 - a column without a zone
    ],
)
def test_an_instant_is_read_in_every_form_it_is_kept_in(value: Any, expected: datetime) -> None:
    assert opaque._instant(value) == expected  # noqa: SLF001 - no endpoint shows it


@pytest.mark.parametrize(("left", "is_good"), [(-1, False), (0, False), (1, True), (900, True)])
def test_a_session_is_good_to_the_last_millisecond(
    add_session: AddSession, file: Path, monkeypatch: pytest.MonkeyPatch, left: int, is_good: bool
) -> None:
    now = datetime(2026, 1, 14, 12, tzinfo=UTC)
    add_session()
    ends_at = now + timedelta(milliseconds=left)
    execute(file, 'UPDATE "session" SET "expiresAt" = ?', f"{ends_at:%Y-%m-%dT%H:%M:%S.%f}Z")
    monkeypatch.setattr(opaque, "timezone", SimpleNamespace(now=lambda: now))

    assert opaque.living([TOKEN]) == ({TOKEN} if is_good else set())
    if is_good:
        assert opaque.identify(TOKEN).subject == ADA
    else:
        with pytest.raises(Unauthenticated) as refusal:
            opaque.identify(TOKEN)
        assert refusal.value.code == "token_expired"


def test_those_that_live_are_asked_about_in_one_look(add_session: AddSession, asked: list[str]) -> None:
    tokens = [add_session(), add_session("b" * 32), add_session("c" * 32, expires=timedelta(seconds=-1))]

    assert opaque.living([*tokens[::2], "d" * 32]) == {TOKEN}
    assert len(asked) == 1
    assert opaque.living([]) == set()
    assert len(asked) == 1
