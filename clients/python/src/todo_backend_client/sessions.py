"""What is kept of a session, and what an answer to a refresh does to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypedDict

import httpx2

from .problems import error_of
from .schema import User


class Tokens(TypedDict):
    access_token: str
    refresh_token: str
    user: User


class TokenStorage(Protocol):
    """Where a session is kept: a file, a keyring, a row of your own."""

    def load(self) -> Tokens | None: ...
    def save(self, tokens: Tokens | None) -> None:
        """None: nobody is signed in any more."""


class InMemory:
    """A ``TokenStorage`` for as long as the program runs."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = tokens

    def load(self) -> Tokens | None:
        return self.tokens

    def save(self, tokens: Tokens | None) -> None:
        self.tokens = tokens


class Session:
    """``renew`` of the clients asks for it one at a time: first ``needless``, then a refresh, then ``take``."""

    def __init__(self, storage: TokenStorage, on_signed_out: Callable[[], None]) -> None:
        self.storage = storage
        self.on_signed_out = on_signed_out

    def token(self) -> str | None:
        held = self.storage.load()
        return held["access_token"] if held else None

    def start(self, response: httpx2.Response) -> User:
        pair = response.json()
        self._keep(pair)
        user: User = pair["user"]
        return user

    def stale(self, refused: str) -> Tokens | None:
        """What has to be refreshed; None where somebody else has done it, or nobody is signed in."""
        held = self.storage.load()
        return held if held and held["access_token"] == refused else None

    def take(self, response: httpx2.Response, held: Tokens) -> str | None:
        now = self.storage.load()
        # Signed out, or in as somebody else, while this was on its way: that stands.
        if now is None or now["refresh_token"] != held["refresh_token"]:
            return now["access_token"] if now else None
        if response.is_success:
            self._keep(response.json())
            return self.token()
        # A service that is away or busy says nothing of the session.
        if response.status_code not in {401, 422}:
            raise error_of(response)
        self.storage.save(None)
        self.on_signed_out()
        return None

    def _keep(self, pair: Any) -> None:
        tokens = Tokens(access_token=pair["access_token"], refresh_token=pair["refresh_token"], user=pair["user"])
        self.storage.save(tokens)
