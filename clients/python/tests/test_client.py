"""Against the real service at TODO_URL; where something has to go wrong on the way, the transport is what breaks."""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from todo_backend_client import AnswerError, BrokenStream, Client, InMemory, Patience, ProblemError, Tokens
from todo_backend_client.repeating import retry_after

URL = os.environ["TODO_URL"]
PASSWORD = "correct horse battery"
Around = Callable[[httpx2.Request, Callable[[], httpx2.Response]], httpx2.Response]


class Way(httpx2.HTTPTransport):
    """Passes on to the service what ``around`` lets through, and keeps what was sent."""

    def __init__(self, around: Around = lambda request, go: go()) -> None:
        super().__init__()
        self.around = around
        self.sent: list[tuple[str, str]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append((request.method, request.url.path))
        return self.around(request, lambda: httpx2.HTTPTransport.handle_request(self, request))


Open = Callable[..., Client]


@pytest.fixture
def opened() -> Iterator[Open]:
    """A client, and somebody signed up in it."""
    clients: list[Client] = []

    def start(way: Way | None = None, *, signs_up: bool = True, **options: Any) -> Client:
        client = Client(URL, transport=way or Way(), patience=Patience(first_wait=0.001), **options)
        clients.append(client)
        if signs_up:
            client.auth.sign_up(f"{uuid.uuid4()}@example.com", PASSWORD, "Ada")
        return client

    yield start
    for client in clients:
        client.close()


def spoil(storage: InMemory, **parts: str) -> None:
    assert storage.tokens is not None
    storage.tokens = Tokens(
        access_token=parts.get("access_token", "spoilt"),
        refresh_token=parts.get("refresh_token", storage.tokens["refresh_token"]),
        user=storage.tokens["user"],
    )


def away(request: httpx2.Request, go: Callable[[], httpx2.Response]) -> httpx2.Response:
    raise httpx2.ConnectError("away")


def test_a_session_starts_is_kept_and_ends(opened: Open) -> None:
    storage = InMemory()
    client = opened(storage=storage)
    assert storage.tokens is not None
    assert client.auth.me()["id"] == storage.tokens["user"]["id"]

    client.auth.log_out()

    assert storage.load() is None
    with pytest.raises(ProblemError) as refused:
        list(client.tasks.each())
    assert (refused.value.code, refused.value.status) == ("not_authenticated", 401)


def test_logging_out_ends_the_session_here_also_when_the_service_is_away(opened: Open) -> None:
    storage = InMemory()
    opened(storage=storage)

    with pytest.raises(httpx2.ConnectError):
        opened(Way(away), signs_up=False, storage=storage).auth.log_out()

    assert storage.load() is None


def test_parallel_refusals_share_one_refresh(opened: Open) -> None:
    way, storage = Way(), InMemory()
    client = opened(way, storage=storage)
    spoil(storage)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda index: client.tasks.create({"title": f"Task {index}"}), range(8)))

    assert way.sent.count(("POST", "/api/auth/refresh")) == 1
    assert len(list(client.tasks.each())) == 8


def test_a_refused_refresh_signs_out_once(opened: Open) -> None:
    ended: list[bool] = []
    storage = InMemory()
    client = opened(storage=storage, on_signed_out=lambda: ended.append(True))
    spoil(storage, refresh_token="spoilt")

    with pytest.raises(ProblemError) as refused:
        client.auth.me()

    assert (refused.value.code, ended, storage.tokens) == ("token_invalid", [True], None)


@pytest.mark.parametrize("answer", [None, 503])
def test_a_service_that_is_away_or_busy_signs_nobody_out(opened: Open, answer: int | None) -> None:
    def around(request: httpx2.Request, go: Callable[[], httpx2.Response]) -> httpx2.Response:
        if request.url.path != "/api/auth/refresh":
            return go()
        return httpx2.Response(answer) if answer else away(request, go)

    storage = InMemory()
    client = opened(Way(around), storage=storage)
    spoil(storage)

    with pytest.raises((AnswerError, httpx2.ConnectError)):
        client.auth.me()

    assert storage.tokens is not None


def test_whoever_signs_out_during_a_refresh_stays_signed_out(opened: Open) -> None:
    def around(request: httpx2.Request, go: Callable[[], httpx2.Response]) -> httpx2.Response:
        answer = go()
        if request.url.path == "/api/auth/refresh":
            storage.save(None)
        return answer

    storage = InMemory()
    client = opened(Way(around), storage=storage)
    spoil(storage)

    with pytest.raises(ProblemError):
        client.auth.me()

    assert storage.load() is None


def test_another_issuers_token_is_asked_for_again_when_it_is_refused(opened: Open) -> None:
    storage = InMemory()
    opened(storage=storage)
    tokens = storage.tokens
    assert tokens is not None

    client = opened(signs_up=False, get_token=lambda is_refused: tokens["access_token"] if is_refused else "spoilt")

    assert client.auth.me()["id"] == tokens["user"]["id"]


def test_a_list_is_walked_page_by_page(opened: Open) -> None:
    way = Way()
    client = opened(way)
    client.tasks.bulk([{"op": "create", "data": {"title": f"Task {index}", "tags": ["a", "b"]}} for index in range(7)])
    way.sent.clear()

    found = [task["title"] for task in client.tasks.each(ordering="title", limit=3, completed=False, tag=["a", "b"])]

    assert found == [f"Task {index}" for index in range(7)]
    assert len(way.sent) == 3


def test_a_change_of_what_somebody_else_changed_is_refused(opened: Open) -> None:
    storage = InMemory()
    client, elsewhere = opened(storage=storage), opened(signs_up=False, storage=storage)
    task_id = client.tasks.create({"title": "Buy milk"})["id"]
    version = client.tasks.version_of(task_id)
    elsewhere.tasks.get(task_id)
    elsewhere.tasks.update(task_id, {"title": "Buy bread"}, if_match=True)

    for change in (
        lambda: client.tasks.update(task_id, {"title": "Buy tea"}, if_match=True),
        lambda: client.tasks.toggle(task_id, if_match=version),
        lambda: client.tasks.complete(task_id, if_match=True),
        lambda: client.tasks.remove(task_id, if_match=True),
    ):
        with pytest.raises(ProblemError) as refused:
            change()
        assert (refused.value.code, refused.value.status) == ("precondition_failed", 412)
    assert client.tasks.get(task_id)["title"] == "Buy bread"
    client.tasks.remove(task_id, if_match=True)
    with pytest.raises(ValueError, match="not read"):
        client.tasks.toggle(task_id, if_match=True)


def test_a_creation_whose_answer_is_lost_is_sent_again_and_done_once(opened: Open) -> None:
    def around(request: httpx2.Request, go: Callable[[], httpx2.Response]) -> httpx2.Response:
        answer = go()
        if request.url.path == "/api/tasks" and not lost:
            lost.append(True)
            answer.close()
            raise httpx2.ReadError("broken off")
        return answer

    lost: list[bool] = []
    client = opened(Way(around))

    task = client.tasks.create({"title": "Buy milk"})

    assert lost
    assert [one["id"] for one in client.tasks.each()] == [task["id"]]


def test_what_is_not_safe_to_repeat_is_sent_once(opened: Open) -> None:
    way = Way()
    client = opened(way)
    task_id = client.tasks.create({"title": "Buy milk"})["id"]
    way.around = away
    calls: list[tuple[Callable[[], object], int]] = [
        (lambda: client.tasks.update(task_id, {"title": "Buy bread"}), 1),
        (lambda: client.tasks.remove(task_id, if_match=True), 1),
        (lambda: client.request("POST", "/api/tasks", json={"title": "Buy bread"}), 1),
        (lambda: client.auth.log_in("ada@example.com", PASSWORD), 1),
        (lambda: client.tasks.remove(task_id), 4),
        (lambda: list(client.tasks.each()), 4),
        (lambda: client.chat.send("Show my tasks"), 4),
    ]

    for call, times in calls:
        way.sent.clear()
        with pytest.raises(httpx2.ConnectError):
            call()
        assert len(way.sent) == times


def test_a_busy_service_is_asked_again_when_it_says_so_and_not_when_that_is_long(opened: Open) -> None:
    def around(request: httpx2.Request, go: Callable[[], httpx2.Response]) -> httpx2.Response:
        return httpx2.Response(503, headers={"Retry-After": waits.pop()}) if waits else go()

    waits: list[str] = []
    way = Way(around)
    client = opened(way)
    waits += ["0", "0"]
    assert list(client.tasks.each()) == []
    assert len(way.sent) == 4

    waits.append("3600")

    with pytest.raises(AnswerError):
        list(client.tasks.each())
    assert len(way.sent) == 5


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after("2") == 2
    wait = retry_after(format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True))
    assert wait is not None
    assert 50 < wait <= 60
    assert (retry_after("Thu, 01 Jan 1970 00:00:00 GMT"), retry_after("soon"), retry_after(None)) == (0, None, None)


def test_problems_have_a_code_and_the_fields_at_fault(opened: Open) -> None:
    client = opened(way := Way())

    with pytest.raises(ProblemError) as refused:
        client.tasks.create({"title": ""})
    assert (refused.value.code, refused.value.errors[0]["field"]) == ("invalid", "title")

    way.around = lambda request, go: httpx2.Response(500, html="<h1>Bad gateway</h1>")
    with pytest.raises(AnswerError) as between:
        client.auth.me()
    assert not isinstance(between.value, ProblemError)


def test_a_chat_turn_streams_and_a_change_that_needs_a_yes_is_confirmed(opened: Open) -> None:
    client = opened()
    events = list(client.chat.stream("Add task: buy milk"))
    assert [event["data"]["tool"] for event in events if event["event"] == "tool_call"] == ["add_task"]
    assert events[-1]["event"] == "done"
    client.tasks.complete(next(client.tasks.each())["id"])
    turn = client.chat.send("Delete all completed tasks")
    assert turn["pending_action"] is not None

    client.chat.confirm(turn["conversation_id"], turn["pending_action"]["id"])

    assert list(client.tasks.each()) == []
    with pytest.raises(ProblemError, match=r"\w"):
        next(client.chat.stream(""))


def test_a_stream_that_breaks_off_says_so(opened: Open) -> None:
    way = Way()
    client = opened(way)
    headers = {"Content-Type": "text/event-stream"}
    way.around = lambda request, go: httpx2.Response(
        200, headers=headers, content=b'event: message\ndata: {"delta": "a"}\n\n'
    )

    with pytest.raises(BrokenStream):
        list(client.chat.stream("Hello"))
