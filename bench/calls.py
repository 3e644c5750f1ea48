"""Single calls over a connection that is kept, as one user."""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit


class Caller:
    def __init__(self, base: str, user_id: str, token: str) -> None:
        parts = urlsplit(base)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._base = f"/api/{user_id}/"
        self._tasks = f"{self._base}tasks"

    def send(self, method: str, path: str = "", body: object = None, *, expect: int = 200, under: str = "tasks") -> Any:
        """The JSON of the answer; ``path`` starts at the user's tasks. Raises ``RuntimeError`` for another status."""
        content = None if body is None else json.dumps(body)
        self._connection.request(method, f"{self._base}{under}{path}", content, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != expect:
            raise RuntimeError(f"{method} of {under}{path} gave {answer.status}: {text[:500]!r}")
        return json.loads(text)

    def milliseconds(self, path: str) -> float:
        """How long a GET takes until its last byte."""
        before = time.perf_counter()
        self._connection.request("GET", self._tasks + path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        taken = (time.perf_counter() - before) * 1000
        if answer.status != 200:
            raise RuntimeError(f"GET of {path or 'the tasks'} gave {answer.status}.")
        return taken

    def attempt(self, message: str) -> tuple[int, str | None]:
        """Says it to the assistant, in a conversation of its own. Status and ``Retry-After`` of the answer."""
        self._connection.request("POST", f"{self._base}chat", json.dumps({"message": message}), self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, answer.headers["Retry-After"]

    def close(self) -> None:
        self._connection.close()
