"""``GET /api/{user_id}/events``; on real servers: ``todo_project/server/tests/test_keep_open.py``."""

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import news
from core.errors import TooManyRequests, Unavailable
from core.rest.events import ROOM, OpenAnswer
from core.sql.row_owner import rows_of
from tasks.journal import live
from tasks.models import Task
from testing.callers import Answer, Caller, make_token
from testing.issuers import bearer

MakeTask = Callable[..., Task]


def events(caller: Caller, **headers: str) -> Answer:
    return caller.get(f"/api/{caller.id}/events", **headers)


def told(answer: Answer) -> list[Any]:
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "text/event-stream"
    return [json.loads(data) for data in re.findall(rb"event: change\ndata: (.*)\n\n", answer.content)]


def test_the_owner_is_told_the_number_of_the_last_change(alice: Caller, make_task: MakeTask) -> None:
    assert told(events(alice)) == [{"version": 0}]
    make_task(alice)
    task = make_task(alice)
    alice.patch(f"{alice.tasks}/{task.id}/toggle")

    answer = events(alice, Accept="text/event-stream")

    version = alice.get(alice.tasks).json["meta"]["version"]
    assert told(answer) == [{"version": version}]
    assert f"id: {version}\nevent: change\n".encode() in answer.content
    assert re.match(rb"retry: \d{4}\n\n", answer.content)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("place", "milliseconds"), [(0, 1000), (-1, 2999)])
def test_a_client_is_told_to_come_again_after_one_to_three_seconds(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, place: int, milliseconds: int
) -> None:
    monkeypatch.setattr(secrets, "choice", lambda choices: choices[place])

    assert events(alice).content.startswith(b"retry: %d\n\n" % milliseconds)


def test_another_user_and_strangers_hear_nothing(alice: Caller, bob: Caller, anonymous: Caller) -> None:
    path = f"/api/{alice.id}/events"

    assert bob.get(path).is_problem(403, "forbidden")
    assert anonymous.get(path).is_problem(401, "not_authenticated")
    assert bearer(make_token(alice.user, "tasks:write", "chat")).get(path).is_problem(403, "insufficient_scope")
    assert told(bearer(make_token(alice.user, "tasks:read")).get(path)) == [{"version": 0}]
    alice.post("/api/auth/logout")
    assert alice.get(path).is_problem(401, "session_ended")


def test_who_knows_the_last_number_is_told_nothing(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice)
    version = alice.get(alice.tasks).json["meta"]["version"]

    assert told(events(alice, Last_Event_ID=str(version))) == []
    for other in (version - 1, version + 1, "", "nonsense", "0x1", "-1"):
        assert told(events(alice, Last_Event_ID=str(other))) == [{"version": version}], other


def test_others_changes_are_not_heard(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(bob)

    assert told(events(alice)) == [{"version": 0}]


def test_it_is_no_json(alice: Caller) -> None:
    assert events(alice, Accept="application/json").is_problem(406, "not_acceptable")
    assert told(events(alice, Accept="*/*")) == [{"version": 0}]
    assert alice.send("HEAD", f"/api/{alice.id}/events").content == b""
    assert alice.post(f"/api/{alice.id}/events").is_problem(405, "method_not_allowed")


class Room:
    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal

    def check(self, user_id: str) -> None:
        if self.refusal:
            raise self.refusal


def send(caller: Caller, path: str, room: Room, method: str = "GET") -> Any:
    environ: dict[str, Any] = {ROOM: room}
    return caller.client.generic(method, path, **environ)


def test_where_a_server_keeps_answers_open_it_is_given_who_listens(alice: Caller) -> None:
    path = f"/api/{alice.id}/events"

    answer = send(alice, path, Room())

    assert isinstance(answer, OpenAnswer)
    assert (answer.listener.user_id, answer.listener.version) == (alice.id, 0)
    assert answer.listener.caller.expires_at > 0
    assert answer.getvalue().endswith(b'data: {"version":0}\n\n')
    assert not isinstance(send(alice, path, Room(), "HEAD"), OpenAnswer)


def test_where_there_is_no_room_it_is_said(alice: Caller, anonymous: Caller) -> None:
    path = f"/api/{alice.id}/events"
    full = Room(TooManyRequests("too_many_streams", limit=100, retry_after_seconds=60))

    refused = Answer(send(alice, path, full))
    away = Answer(send(alice, path, Room(Unavailable("streams_full"))))

    assert refused.is_problem(429, "too_many_streams")
    assert refused.headers["Retry-After"] == "60"
    assert away.is_problem(503, "streams_full")
    assert away.headers["Retry-After"]
    # Who it is comes first.
    assert Answer(send(anonymous, path, full)).is_problem(401)
    alice.post("/api/auth/logout")
    assert Answer(send(alice, path, full)).is_problem(401)


def test_one_statement_finds_what_there_is_for_all(
    alice: Caller, bob: Caller, make_task: MakeTask, django_assert_num_queries: Any
) -> None:
    for caller in (alice, bob):
        make_task(caller)

    def find(told: dict[str, int]) -> tuple[dict[str, int], int]:
        with rows_of(None), CaptureQueriesContext(connection) as captured:
            found = live.find_news(told)
        return found, len([query for query in captured.captured_queries if "core_usage" in query["sql"]])

    assert find({alice.id: 0, bob.id: 0}) == ({alice.id: 1, bob.id: 1}, 1)
    assert find({alice.id: 1, bob.id: 0}) == ({bob.id: 1}, 1)
    assert find({alice.id: 1, bob.id: 2, "nobody": 0}) == ({}, 1)
    assert find({}) == ({}, 0)


@pytest.mark.django_db(transaction=True)
def test_each_change_is_announced_once_it_is_committed(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[frozenset[str]] = []
    monkeypatch.setattr(news, "_ears", [heard.append])

    def is_announced(answer: Answer) -> bool:
        assert answer.status < 300, answer
        found = [*heard]
        heard.clear()
        return set(found) == {frozenset({alice.id})}

    made = alice.post(alice.tasks, {"title": "Buy milk"})
    path = f"{alice.tasks}/{made.json['id']}"
    assert is_announced(made)
    assert is_announced(alice.patch(path, {"title": "Buy bread"}))
    assert is_announced(alice.patch(f"{path}/toggle"))
    assert is_announced(alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "create", "data": {"title": "x"}}]}))
    deleted = alice.delete(path)
    assert is_announced(deleted)
    assert is_announced(alice.post(f"/api/{alice.id}/undo", {"undo": deleted.headers["X-Undo"]}))
    assert is_announced(alice.post("/api/chat", {"message": "Add a task to buy milk"}))
    # What changes nothing is no news.
    assert not is_announced(alice.patch(path, {"title": "Buy bread"}))
    assert not is_announced(alice.get(alice.tasks))
