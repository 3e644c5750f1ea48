"""Each backend's frontend makes its requests in a real browser, from another origin, against the real service."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any, Final
from urllib.parse import urlencode

import jwt
import psycopg
import pytest

from e2e.better_auth.conftest import SECRET, BetterAuth
from e2e.frontends.browser import find_chromium, opened
from e2e.frontends.site import Deed, Site, serving_pages
from testing import postgres
from testing.service import KEY, MIGRATE, Server, output, serving

pytestmark = pytest.mark.once

FLOW_SECONDS: Final = 120
# What every flow does; more is each frontend's own.
COMMON: Final = {
    "sign up", "wrong password", "add with due date and priority", "list after a reload", "complete and reopen",
    "edit", "delete", "log out", "log in", "expired token",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _needs_chromium() -> None:
    if find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("The tests of the frontends need Chromium.")
        pytest.skip("Chromium is not installed")


def expired(key: str, **claims: Any) -> str:
    now = int(time.time())
    return jwt.encode({"sub": "1", "iat": now - 7200, "exp": now - 3600, **claims}, key)


OURS: Final = {"iss": "todo-backend", "user_id": "1", "sid": "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11", "jti": "1"}


@contextmanager
def service(site: Site, directory: Path, **settings: str) -> Iterator[Server]:
    known = {"DATABASE_URL": f"sqlite:///{directory}/todo.sqlite3", "ALLOWED_ORIGINS": site.origin, **settings}
    output([*MIGRATE], known)
    with serving(directory / "service.log", known) as server:
        yield server


def steps_done(site: Site, server: Server, directory: Path, frontend: str, expired: str = "") -> set[str]:
    """Those that the frontend's page has done."""
    query = urlencode({"frontend": frontend, "api": server.base, "expired": expired})
    with opened(f"{site.origin}/index.html?{query}", directory), suppress(Empty):
        report = site.reports.get(timeout=FLOW_SECONDS)
        assert "done" in report, report
        return set(report["done"])
    raise AssertionError((directory / "chromium.log").read_text())


@contextmanager
def better_auth(site: Site, database: str | Path, monkeypatch: pytest.MonkeyPatch, *kind: str) -> Iterator[BetterAuth]:
    monkeypatch.setenv("PAGES_ORIGIN", site.origin)
    server = BetterAuth(Path(database) if isinstance(database, Path) else database, "default", *kind)
    site.behind = server.origin
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("frontend", ["a", "c", "d"])
def test_a_frontend_that_signs_in_here(tmp_path: Path, frontend: str) -> None:
    with serving_pages({}) as site, service(site, tmp_path, COMPATIBLE_WITH=frontend) as server:
        assert steps_done(site, server, tmp_path, frontend, expired(KEY, token_type="access", **OURS)) >= COMMON


def test_a_frontend_whose_better_auth_shares_a_secret(
    tmp_path: Path, better_auth_package: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"COMPATIBLE_WITH": "e", "BETTER_AUTH_SECRET": SECRET}
    with (
        serving_pages({}) as site,
        better_auth(site, tmp_path / "auth.sqlite3", monkeypatch),
        service(site, tmp_path, **settings) as server,
    ):
        assert steps_done(site, server, tmp_path, "e", expired(SECRET)) >= COMMON


def test_a_frontend_that_sends_better_auths_session_tokens(
    tmp_path: Path, better_auth_package: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.own_cluster(binaries) as cluster:
        settings = {"DATABASE_URL": cluster.url, "BETTER_AUTH_DATABASE_URL": cluster.url, "COMPATIBLE_WITH": "b"}

        def expire(body: Any) -> None:
            with psycopg.connect(cluster.url) as database:
                database.execute("""UPDATE "session" SET "expiresAt" = now() - interval '1 minute'""")

        def promote(body: Any) -> None:
            output(["manage.py", "promote_admin", "--id", body["id"]], settings)

        deeds: dict[str, Deed] = {"/expire": expire, "/promote": promote}
        with (
            serving_pages(deeds) as site,
            better_auth(site, cluster.url, monkeypatch, "sessions"),
            service(site, tmp_path, **settings) as server,
        ):
            assert steps_done(site, server, tmp_path, "b") >= COMMON
