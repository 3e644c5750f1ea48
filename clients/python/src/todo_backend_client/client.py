"""The client that waits; ``async_client`` is the same for ``await``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Any, Self, cast

import httpx2

from .assistant import Chat
from .problems import error_of
from .repeating import PATIENCE, REFRESH, Patience, patiently
from .schema import OwnUser, User
from .sessions import InMemory, Session, TokenStorage
from .tasks import Tasks

GetToken = Callable[[bool], str | None]


class Client:
    """``get_token(is_refused)`` instead of a session here: another issuer's token, or a personal one."""

    def __init__(
        self, base_url: str, *, storage: TokenStorage | None = None, get_token: GetToken | None = None,
        on_signed_out: Callable[[], None] = lambda: None, patience: Patience = PATIENCE,
        transport: httpx2.BaseTransport | None = None, timeout: float = 30.0,
    ) -> None:  # fmt: skip
        self.http = httpx2.Client(base_url=base_url, transport=transport, timeout=timeout)
        self.session = Session(storage or InMemory(), on_signed_out)
        self.patience = patience
        self.get_token = get_token
        self._renewing = Lock()
        self.auth = Auth(self)
        self.tasks = Tasks(self)
        self.chat = Chat(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    def request(
        self, method: str, path: str, *, json: Any = None, params: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Any endpoint; what is no success is raised."""
        request = self.http.build_request(method, path, json=json, params=params, headers=headers)
        return checked(self._send(request, is_stream=False))

    @contextmanager
    def streamed(self, path: str, json: Any, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        request = self.http.build_request("POST", path, json=json, headers=headers)
        response = self._send(request, is_stream=True)
        try:
            yield checked(response)
        finally:
            response.close()

    def post(self, path: str, body: Any) -> httpx2.Response:
        """As nobody, and whatever is answered."""
        return self._patiently(self.http.build_request("POST", path, json=body), is_stream=False)

    def each(self, path: str, params: Mapping[str, Any]) -> Iterator[Any]:
        """Of any list, however many pages that takes."""
        cursor: str | None = None
        while True:
            page = self.request("GET", path, params={**params, "cursor": cursor} if cursor else params).json()
            yield from page["data"]
            cursor = page["meta"]["next_cursor"]
            if cursor is None:
                return

    def _send(self, request: httpx2.Request, *, is_stream: bool) -> httpx2.Response:
        """Once more with a new token where the first is refused, whatever the method: nothing was done."""
        token = self.get_token(False) if self.get_token else self.session.token()
        if token is None:
            return self._patiently(request, is_stream=is_stream)
        request.headers["Authorization"] = f"Bearer {token}"
        response = self._patiently(request, is_stream=is_stream)
        renewed = self._renew(token) if response.status_code == 401 else None
        if renewed is None or renewed == token:
            return response
        response.close()
        request.headers["Authorization"] = f"Bearer {renewed}"
        return self._patiently(request, is_stream=is_stream)

    def _renew(self, refused: str) -> str | None:
        """One at a time: who waited finds what the first one got."""
        with self._renewing:
            if self.get_token:
                token = self.get_token(False)
                return token if token != refused else self.get_token(True)
            held = self.session.stale(refused)
            if held is None:
                return self.session.token()
            return self.session.take(self.post(REFRESH, {"refresh_token": held["refresh_token"]}), held)

    def _patiently(self, request: httpx2.Request, *, is_stream: bool) -> httpx2.Response:
        steps = patiently(request, self.patience)
        while True:
            next(steps)
            outcome = self._outcome(request, is_stream=is_stream)
            try:
                wait = steps.send(outcome)
            except StopIteration as end:
                return cast("httpx2.Response", end.value)
            time.sleep(wait or 0.0)

    def _outcome(self, request: httpx2.Request, *, is_stream: bool) -> httpx2.Response | httpx2.TransportError:
        try:
            response = self.http.send(request, stream=is_stream)
            if not response.is_success:
                response.read()
        except httpx2.TransportError as error:
            return error
        return response


class Auth:
    """A session of the service."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def sign_up(self, email: str, password: str, name: str | None = None) -> User:
        person = {"email": email, "password": password, **({"name": name} if name is not None else {})}
        return self._client.session.start(checked(self._client.post("/api/auth/signup", person)))

    def log_in(self, email: str, password: str) -> User:
        person = {"email": email, "password": password}
        return self._client.session.start(checked(self._client.post("/api/auth/login", person)))

    def log_out(self) -> None:
        """Here it has ended also where the service cannot be reached to be told."""
        storage = self._client.session.storage
        held = storage.load()
        storage.save(None)
        if held is not None:
            checked(self._client.post("/api/auth/logout", {"refresh_token": held["refresh_token"]}))

    def me(self) -> OwnUser:
        return cast("OwnUser", self._client.request("GET", "/api/auth/me").json())


def checked(response: httpx2.Response) -> httpx2.Response:
    if not response.is_success:
        raise error_of(response)
    return response
