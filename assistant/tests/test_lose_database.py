"""Turns whose PostgreSQL stops while the model thinks: real servers, all of them."""

from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import pytest

from testing.model_answers import ModelAnswer, Request, calls, says
from testing.model_server import MODEL, ModelServer
from testing.postgres import Cluster
from testing.service import MIGRATE, Server, output, serving, wait_until

# It has a server of its own: once is enough.
pytestmark = pytest.mark.postgresql

ADD = calls(("add_task", {"title": "Half done"}))


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def server(database: Cluster, model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"DATABASE_URL": database.url, "WEB_CONCURRENCY": "1", "LLM_BASE_URL": model.base_url}
    settings |= {"LLM_MODEL": MODEL, "LLM_API_KEY": "sk-only-for-tests", "LOG_LEVEL": "DEBUG"}
    output(MIGRATE, settings)
    with serving(tmp_path_factory.mktemp("lost") / "log", settings) as running:
        yield running


class Person:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._headers = {"Content_Type": "application/json"}
        pair = self.send("/api/auth/signup", {"email": "dora@example.com", "password": "a long enough phrase 42"})[2]
        self._headers["Authorization"] = f"Bearer {pair['access_token']}"
        self.home = f"/api/{pair['user']['id']}"

    def send(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        content = None if body is None else orjson.dumps(body)
        status, named, answer = self._server.send(path, content, **{**self._headers, **headers})
        is_json = named["Content-Type"] in ("application/json", "application/problem+json")
        return status, named, orjson.loads(answer) if is_json else answer

    def chat(self, message: str, **headers: str) -> tuple[int, Any, Any]:
        return self.send(f"{self.home}/chat", {"message": message}, **headers)


@pytest.fixture(scope="module")
def person(server: Server) -> Person:
    return Person(server)


def rows(database: Cluster) -> list[tuple[str, str]]:
    """What there is of tasks and messages."""
    with psycopg.connect(database.url_of("postgres")) as connection:
        tasks = connection.execute("SELECT 'task', title FROM tasks_task").fetchall()
        said = connection.execute("SELECT role, content FROM assistant_message").fetchall()
        return sorted((str(kind), str(text)) for kind, text in tasks + said)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("is_late", [False, True])
def test_nothing_is_half_done_and_the_service_comes_back(
    person: Person, server: Server, database: Cluster, model: ModelServer, accept: str, is_late: bool
) -> None:
    """``is_late``: all that is left to do is to keep it."""
    before = rows(database)
    message = f"Please add it, {accept} {is_late}"

    def stops(_: Request) -> ModelAnswer:
        database.stop()
        return says("Added.") if is_late else ADD

    model.script(*([ADD, stops] if is_late else [stops]))
    try:
        status, headers, answer = person.chat(message, Accept=accept)
        assert server.send("/health")[0] == 200
    finally:
        database.start()
        wait_until(lambda: server.send("/health/ready")[0] == 200)

    if status == 200:
        # The stream had begun; it ends by telling.
        assert (accept, is_late) == ("text/event-stream", True)
        assert b"event: done" not in answer
        assert b'"code":"unavailable"' in answer.rpartition(b"event: error\n")[2]
    else:
        assert (status, answer["code"]) == (503, "unavailable")
        assert int(headers["Retry-After"]) > 0
    assert rows(database) == sorted([*before, ("user", message)])
    model.script(says("Hello again."))
    assert person.chat("Hi")[2]["response"] == "Hello again."
    assert model.left == 0
    assert "Half done" not in server.log.read_text()
