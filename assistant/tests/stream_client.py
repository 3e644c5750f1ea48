"""A client of a running service that reads the events of a turn."""

import http.client
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Final

from testing.model_server import ModelServer

EVENTS: Final = "text/event-stream"
Event = tuple[str, Any]


class StreamClient:
    """Somebody who is signed up, and what they send."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self.headers = {"Content-Type": "application/json"}
        body = {"email": f"{secrets.token_hex(4)}@example.com", "password": "correct horse battery"}
        pair = self.json("POST", "/api/auth/signup", body)
        self.headers["Authorization"] = f"Bearer {pair['access_token']}"
        self.home = f"/api/{pair['user']['id']}"

    @contextmanager
    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Iterator[http.client.HTTPResponse]:
        """The connection ends with the block, whether the answer has or not."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, json.dumps(body), {**self.headers, **named})
            with connection.getresponse() as answer:
                yield answer

    def json(self, method: str, path: str, body: Any = None) -> Any:
        with self.send(method, path, body) as answer:
            return json.loads(answer.read())

    def chat(
        self, message: str, *, accept: str = EVENTS, **headers: str
    ) -> AbstractContextManager[http.client.HTTPResponse]:
        return self.send("POST", f"{self.home}/chat", {"message": message}, Accept=accept, **headers)

    def stream(self, message: str, **headers: str) -> list[Event]:
        with self.chat(message, **headers) as answer:
            assert answer.status == 200, answer.read()
            assert answer.headers["Content-Type"] == EVENTS
            return list(read_events(answer))

    def titles(self) -> list[str]:
        return [task["title"] for task in reversed(self.json("GET", f"{self.home}/tasks")["data"])]


def read_events(answer: http.client.HTTPResponse) -> Iterator[Event]:
    """As a browser reads them: comments are left out."""
    name = ""
    for line in answer:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def wait_for_hang_up(model: ModelServer, before: int) -> None:
    deadline = time.monotonic() + 30
    while model.hang_ups == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert model.hang_ups == before + 1


def text(events: list[Event]) -> str:
    return "".join(content["delta"] for name, content in events if name == "message")
