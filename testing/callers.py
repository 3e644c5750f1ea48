"""The cast of the tests, and what they can do: real requests through Django's test client."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from datetime import datetime
from typing import Any, Final, TypeVar

import orjson
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts import personal_tokens
from accounts.models import Scope, User
from accounts.sessions.starting import start_session
from accounts.tokens.own import TokenPair, mint_pair
from core.rest.client import Client as ClientInfo

T = TypeVar("T")

CLIENT: Final = ClientInfo(address="127.0.0.1", user_agent="tests", request_id="")


def open_session(user: User) -> TokenPair:
    """The tokens of a new session, as signup and login give them."""
    return mint_pair(start_session(user, CLIENT))


def make_token(owner: User, *scopes: str, expires_at: datetime | None = None) -> str:
    """The text of a personal token; with all scopes, where none is said."""
    said = [Scope(scope) for scope in scopes or Scope.values]
    made = personal_tokens.create(
        owner, name="tests", scopes=said, expires_at=expires_at, client=CLIENT, session_id=None
    )
    return made[1]


class Caller:
    """Somebody with a token, or without: ``alice.patch(f"{alice.tasks}/{id}", {"title": "x"})``."""

    def __init__(self, user: User | None = None, token: str | None = None) -> None:
        """``token``: instead of that of a new session."""
        self._user = user
        token = token or (open_session(user).access if user else None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(headers=headers, raise_request_exception=False)

    @property
    def user(self) -> User:
        assert self._user is not None
        return self._user

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def tasks(self) -> str:
        return f"/api/{self.id}/tasks"

    def get(self, path: str, **headers: str) -> "Answer":
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> "Answer":
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> "Answer":
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> "Answer":
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> "Answer":
        return self.send("DELETE", path, body, **headers)

    def send(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str
    ) -> "Answer":
        """``body`` is sent as JSON, or as it is if it is bytes; ``If_Match="x"`` becomes a header."""
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        # Django's client leaves out the type of an empty body, which others send.
        named = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(method, path, content, content_type, headers=named)
        assert isinstance(response, HttpResponse)
        return Answer(response)


class Answer:
    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.content: bytes = response.content

    @property
    def json(self) -> Any:
        return orjson.loads(self.content)

    def is_problem(self, status: int, code: str | None = None) -> bool:
        """Whether this is a well-formed problem document of that status (and code)."""
        if self.status != status or self.headers["Content-Type"] != "application/problem+json":
            return False
        problem = self.json
        assert set(problem) == {"type", "title", "status", "detail", "message", "code", "request_id", "errors"}
        assert problem["status"] == status
        assert problem["request_id"] == self.headers["X-Request-ID"]
        assert problem["detail"]
        assert problem["message"] == problem["detail"]
        is_challenge = status == 401 or problem["code"] == "insufficient_scope"
        assert is_challenge == ("WWW-Authenticate" in self.headers)
        return code is None or problem["code"] == code

    def __repr__(self) -> str:
        return f"<{self.status} {self.content[:300]!r}>"


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Runs all at once, each in a thread with a database connection of its own; results in order."""
    barrier = threading.Barrier(len(calls))

    def run(context: Context, call: Callable[[], T]) -> T:
        barrier.wait(timeout=30)
        try:
            return context.run(call)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, [copy_context() for _ in calls], calls))
