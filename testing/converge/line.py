"""One client's way to the service, which is cut now and then: what is not answered is sent again until it is."""

import http.client
import json
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

PATIENCE_SECONDS: Final = 120.0
ANSWER_SECONDS: Final = 20.0
PAUSE_SECONDS: Final = 0.05
# A worker's end takes its connections along; the next one is there soon.
AGAIN: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
IN_PROGRESS: Final = "idempotency_in_progress"


@dataclass(frozen=True, slots=True)
class Faults:
    """How often: a connection cut before the answer is read; a request that was answered sent once more."""

    cuts: float = 0.04
    repeats: float = 0.1


class Broken(AssertionError):
    """What must never happen."""


class Line:
    """``ports`` are those of servers before one database; each request goes to any of them."""

    def __init__(
        self, ports: Sequence[int], headers: Mapping[str, str], chance: random.Random, faults: Faults | None = None
    ) -> None:
        self._ports, self._headers, self._chance = ports, headers, chance
        self._faults = faults or Faults()
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self.cuts = self.repeats = self.replays = self.broken_off = 0

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """The answer's status and body. What has a ``key`` is done once, however often it is sent."""
        content = None if body is None else json.dumps(body).encode()
        status, answer, _ = self._insist(method, path, content, key)
        if key and status < HTTPStatus.BAD_REQUEST and self._chance.random() < self._faults.repeats:
            self._repeat(method, path, content, key, answer)
        return status, answer

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _repeat(self, method: str, path: str, content: bytes | None, key: str, first: Any) -> None:
        self.repeats += 1
        status, answer, is_replay = self._insist(method, path, content, key)
        if not is_replay or answer != first or status >= HTTPStatus.BAD_REQUEST:
            raise Broken(f"{method} {path} was answered otherwise the second time: {status} {answer}")

    def _insist(self, method: str, path: str, content: bytes | None, key: str) -> tuple[int, Any, bool]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self._try(method, path, content, key)
            if found:
                return found
            time.sleep(PAUSE_SECONDS * self._chance.random())
        raise Broken(f"{method} {path} was not answered in {PATIENCE_SECONDS:.0f} s.")

    def _try(self, method: str, path: str, content: bytes | None, key: str) -> tuple[int, Any, bool] | None:
        port = self._chance.choice(self._ports)
        is_cut = self._chance.random() < self._faults.cuts
        try:
            answer = self._send(port, method, path, content, key, is_cut=is_cut)
        except (OSError, http.client.HTTPException):
            self._hang_up(port)
            self.broken_off += 1
            return None
        if answer is None:
            return None
        status, said, is_replay = answer
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Broken(f"{method} {path}: {said}")
        if status in AGAIN or (status == HTTPStatus.CONFLICT and said["code"] == IN_PROGRESS):
            return None
        self.replays += is_replay
        return answer

    def _send(
        self, port: int, method: str, path: str, content: bytes | None, key: str, *, is_cut: bool
    ) -> tuple[int, Any, bool] | None:
        connection = self._connections.get(port)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
            self._connections[port] = connection
        named = {"Idempotency-Key": key} if key else {}
        connection.request(method, path, content, {**self._headers, **named})
        if is_cut:
            self.cuts += 1
            # It may have been taken, or not.
            time.sleep(0.02 * self._chance.random())
            self._hang_up(port)
            return None
        answer = connection.getresponse()
        said = answer.read()
        if answer.will_close:
            self._hang_up(port)
        return answer.status, json.loads(said) if said else None, "Idempotency-Replayed" in answer.headers

    def _hang_up(self, port: int) -> None:
        with suppress(KeyError):
            self._connections.pop(port).close()
