"""The client for ``await``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, cast

import anyio
import httpx2

from .async_assistant import AsyncChat
from .async_tasks import AsyncTasks
from .client import checked
from .repeating import PATIENCE, REFRESH, Patience, patiently
from .schema import OwnUser, User
from .sessions import InMemory, Session, TokenStorage

GetToken = Callable[[bool], str | Awaitable[str | None] | None]


class AsyncClient:
    """``get_token(is_refused)`` instead of a session here: another issuer's token, or a personal one."""

    def __init__(
        self, base_url: str, *, storage: TokenStorage | None = None, get_token: GetToken | None = None,
        on_signed_out: Callable[[], None] = lambda: None, patience: Patience = PATIENCE,
        transport: httpx2.AsyncBaseTransport | None = None, timeout: float = 30.0,
    ) -> None:  # fmt: skip
        self.http = httpx2.AsyncClient(base_url=base_url, transport=transport, timeout=timeout)
        self.session = Session(storage or InMemory(), on_signed_out)
        self.patience = patience
        self.get_token = get_token
        self._renewing = anyio.Lock()
        self.auth = AsyncAuth(self)
        self.tasks = AsyncTasks(self)
        self.chat = AsyncChat(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self.http.aclose()

    async def request(
        self, method: str, path: str, *, json: Any = None, params: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Any endpoint; what is no success is raised."""
        request = self.http.build_request(method, path, json=json, params=params, headers=headers)
        return checked(await self._send(request, is_stream=False))

    @asynccontextmanager
    async def streamed(self, path: str, json: Any, headers: Mapping[str, str]) -> AsyncIterator[httpx2.Response]:
        request = self.http.build_request("POST", path, json=json, headers=headers)
        response = await self._send(request, is_stream=True)
        try:
            yield checked(response)
        finally:
            await response.aclose()

    async def post(self, path: str, body: Any) -> httpx2.Response:
        """As nobody, and whatever is answered."""
        return await self._patiently(self.http.build_request("POST", path, json=body), is_stream=False)

    async def each(self, path: str, params: Mapping[str, Any]) -> AsyncIterator[Any]:
        """Of any list, however many pages that takes."""
        cursor: str | None = None
        while True:
            answer = await self.request("GET", path, params={**params, "cursor": cursor} if cursor else params)
            page = answer.json()
            for item in page["data"]:
                yield item
            cursor = page["meta"]["next_cursor"]
            if cursor is None:
                return

    async def _send(self, request: httpx2.Request, *, is_stream: bool) -> httpx2.Response:
        """Once more with a new token where the first is refused, whatever the method: nothing was done."""
        token = await settled(self.get_token(False)) if self.get_token else self.session.token()
        if token is None:
            return await self._patiently(request, is_stream=is_stream)
        request.headers["Authorization"] = f"Bearer {token}"
        response = await self._patiently(request, is_stream=is_stream)
        renewed = await self._renew(token) if response.status_code == 401 else None
        if renewed is None or renewed == token:
            return response
        await response.aclose()
        request.headers["Authorization"] = f"Bearer {renewed}"
        return await self._patiently(request, is_stream=is_stream)

    async def _renew(self, refused: str) -> str | None:
        """One at a time: who waited finds what the first one got."""
        async with self._renewing:
            if self.get_token:
                token = await settled(self.get_token(False))
                return token if token != refused else await settled(self.get_token(True))
            held = self.session.stale(refused)
            if held is None:
                return self.session.token()
            return self.session.take(await self.post(REFRESH, {"refresh_token": held["refresh_token"]}), held)

    async def _patiently(self, request: httpx2.Request, *, is_stream: bool) -> httpx2.Response:
        steps = patiently(request, self.patience)
        while True:
            next(steps)
            outcome = await self._outcome(request, is_stream=is_stream)
            try:
                wait = steps.send(outcome)
            except StopIteration as end:
                return cast("httpx2.Response", end.value)
            await anyio.sleep(wait or 0.0)

    async def _outcome(self, request: httpx2.Request, *, is_stream: bool) -> httpx2.Response | httpx2.TransportError:
        try:
            response = await self.http.send(request, stream=is_stream)
            if not response.is_success:
                await response.aread()
        except httpx2.TransportError as error:
            return error
        return response


class AsyncAuth:
    """A session of the service."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def sign_up(self, email: str, password: str, name: str | None = None) -> User:
        person = {"email": email, "password": password, **({"name": name} if name is not None else {})}
        return self._client.session.start(checked(await self._client.post("/api/auth/signup", person)))

    async def log_in(self, email: str, password: str) -> User:
        person = {"email": email, "password": password}
        return self._client.session.start(checked(await self._client.post("/api/auth/login", person)))

    async def log_out(self) -> None:
        """Here it has ended also where the service cannot be reached to be told."""
        storage = self._client.session.storage
        held = storage.load()
        storage.save(None)
        if held is not None:
            checked(await self._client.post("/api/auth/logout", {"refresh_token": held["refresh_token"]}))

    async def me(self) -> OwnUser:
        return cast("OwnUser", (await self._client.request("GET", "/api/auth/me")).json())


async def settled(token: str | Awaitable[str | None] | None) -> str | None:
    return await token if isinstance(token, Awaitable) else token
