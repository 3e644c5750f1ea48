import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from accounts.tokens import key_fetching

HERE = Path(__file__).parent
SECRET = "the-secret-of-a-real-better-auth-on-loopback"


class BetterAuth:
    """A running Better Auth."""

    def __init__(self, database: Path | str, *arguments: str) -> None:
        self._database = database
        self._process = subprocess.Popen(
            ["node", "server.mjs", str(database), *arguments],
            cwd=HERE,
            env={**os.environ, "BETTER_AUTH_SECRET": SECRET},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("{"), "Better Auth did not start; its own output says why."
        self.origin: str = json.loads(line)["origin"]
        self.jwks_url = f"{self.origin}/api/auth/jwks"

    def sign_up(self, email: str, name: str = "Ada") -> "Person":
        response, user = self.request(
            "POST", "/api/auth/sign-up/email", {"email": email, "password": "correct horse", "name": name}
        )
        assert response.status == 200
        cookies = (value.partition(";")[0] for value in response.headers.get_all("set-cookie") or [])
        return Person(self, user["user"]["id"], dict(cookie.split("=", 1) for cookie in cookies))

    def outbox(self) -> list[str]:
        """The verification tokens sent by email."""
        return list(self.request("GET", "/outbox")[1])

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, Any]:
        connection = HTTPConnection(urlsplit(self.origin).netloc, timeout=20)
        content = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, {**content, **(headers or {})})
        with connection.getresponse() as response:
            answer = json.loads(response.read())
        connection.close()
        return response, answer

    def expire_keys(self) -> None:
        """As when ``rotationInterval`` is over: the next token is signed with a new key."""
        # Within the 30 days in which Better Auth goes on listing a key that it no longer signs with.
        minute_ago = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        connection = sqlite3.connect(self._database, timeout=10)
        with connection:
            connection.execute("UPDATE jwks SET expiresAt = ?", [minute_ago])
        connection.close()

    def stop(self) -> None:
        """Twice is once."""
        self._process.terminate()
        self._process.communicate(timeout=20)


class Person:
    """Somebody who signed up at Better Auth, with the cookies of their browser."""

    def __init__(self, server: BetterAuth, user_id: str, cookies: dict[str, str]) -> None:
        self._server = server
        self.id = user_id
        self.cookies = cookies

    def access_token(self) -> str:
        return self._token("/api/auth/token")

    def shared_secret_token(self) -> str:
        return self._token("/api/shared-token")

    def rename(self, name: str) -> None:
        response, _ = self._server.request("POST", "/api/auth/update-user", {"name": name}, self._headers())
        assert response.status == 200
        # As in a browser whose short-lived cache of the session has run out.
        self.cookies.pop("better-auth.session_data", None)

    def post(self, path: str, body: Any) -> Any:
        response, answer = self._server.request("POST", path, body, self._headers())
        assert response.status == 200, answer
        return answer

    def _token(self, path: str) -> str:
        response, answer = self._server.request("GET", path, headers=self._headers())
        assert response.status == 200
        return str(answer["token"])

    def _headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "Origin": self._server.origin}


StartBetterAuth = Callable[..., BetterAuth]


@pytest.fixture
def start_better_auth(
    better_auth_package: None, db: None, settings: Settings, tmp_path: Path
) -> Iterator[StartBetterAuth]:
    """Starts one with an empty database: ``start("ES256")``. Our settings point to it by ``JWKS_URL`` only."""
    started: list[BetterAuth] = []

    def start(algorithm: str = "default", *arguments: str) -> BetterAuth:
        server = BetterAuth(tmp_path / f"{len(started)}.sqlite3", algorithm, *arguments)
        started.append(server)
        settings.JWKS_URL = server.jwks_url
        settings.BETTER_AUTH_ORIGIN = settings.JWT_ISSUER = settings.JWT_AUDIENCE = server.origin
        settings.BETTER_AUTH_SECRET = settings.SHARED_ISSUER = settings.SHARED_AUDIENCE = None
        return server

    key_fetching.forget()
    yield start
    for server in started:
        server.stop()
    key_fetching.forget()
