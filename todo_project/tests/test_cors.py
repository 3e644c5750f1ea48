"""Which browsers may read answers: the headers of real requests under each kind of ALLOWED_ORIGINS."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from todo_project.env import cors
from todo_project.env.reader import readers
from todo_project.tests.test_env import SECRET, read, refusal

pytestmark = pytest.mark.once

Allow = Callable[[str], None]

PATTERN = "https://*.example.com"
EVIL = [
    "https://a.example.com.evil.org",
    "https://example.com",
    "https://evil-example.com",
    "https://a.example.com@evil.org",
    "https://evil.org/.example.com",
    "https://evil.org#.example.com",
    "https://evil.org?.example.com",
    "https://a.example.com#.evil.org",
    "https://a.example.com/",
    "https://aXexample.com",
    "https://a.exampleXcom",
    "http://a.example.com",
    "https://a.example.com:8443",
    "https://a.b.example.com",
    "https://.example.com",
    "https://a.example.com\n",
    "https://evil.org\nhttps://a.example.com",
    "https://a.example.com https://evil.org",
    " https://a.example.com",
    "https://а.example.com",  # noqa: RUF001 - a Cyrillic letter
    "null",
    "https://[",
    "file://",
]


@pytest.fixture
def allow(settings: Settings) -> Allow:
    def allow(value: str) -> None:
        derived = cors.read(readers(value))
        settings.CORS_ALLOW_ALL_ORIGINS = derived.allow_all_origins
        settings.CORS_ALLOW_CREDENTIALS = derived.allow_credentials
        settings.CORS_ALLOWED_ORIGIN_REGEXES = derived.origin_regexes

    return allow


def answer(origin: str, *, method: str = "GET", path: str = "/", **headers: str) -> Any:
    # Through META: the header as a server hands it over, newlines and all.
    meta: dict[str, Any] = {f"HTTP_{name}": value for name, value in headers.items()}
    return Client().generic(method, path, HTTP_ORIGIN=origin, **meta).headers


def is_allowed(origin: str) -> bool:
    headers = answer(origin)
    preflight = answer(origin, method="OPTIONS", path="/api/alice/tasks", ACCESS_CONTROL_REQUEST_METHOD="POST")
    found = headers.get("Access-Control-Allow-Origin")
    assert preflight.get("Access-Control-Allow-Origin") == found
    assert found in (None, origin)
    assert "origin" in headers["Vary"].lower()
    # Whoever may not read gets no other promise either.
    assert ("Access-Control-Allow-Credentials" in headers) == (found is not None)
    return found is not None


@pytest.mark.parametrize(
    "value",
    [
        "https://a.example.com,http://localhost:3000",
        '["https://A.example.com:443/", "http://localhost:3000"]',
    ],
)
def test_listed_origins_and_no_others(allow: Allow, value: str) -> None:
    allow(value)
    assert is_allowed("https://a.example.com")
    assert is_allowed("http://localhost:3000")
    assert not any(is_allowed(origin) for origin in ["http://localhost:3001", "http://localhost", *EVIL])


def test_a_pattern_stands_for_one_label(allow: Allow) -> None:
    allow(PATTERN)
    assert is_allowed("https://a.example.com")
    assert is_allowed("https://preview-42.example.com")
    assert [origin for origin in EVIL if is_allowed(origin)] == []


def test_a_pattern_and_a_port(allow: Allow) -> None:
    allow("http://*.localhost:3000,https://example.com")
    assert is_allowed("http://a.localhost:3000")
    assert is_allowed("https://example.com")
    assert not is_allowed("http://a.localhost:30000")
    assert not is_allowed("http://a.localhost")


APPS = [
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11",
    "safari-web-extension://0197A3F0-5F6E-7C31-9F0E-2B1C8F0A4D11",
]


@pytest.mark.parametrize("app", APPS)
def test_an_app_s_origin_is_one_like_others(allow: Allow, app: str) -> None:
    allow(f"https://a.example.com,{app}/")
    assert is_allowed(app)
    assert is_allowed("https://a.example.com")
    assert not any(is_allowed(origin) for origin in [f"{app}x", f"{app}:1", f"x{app}", *EVIL])
    assert not any(is_allowed(other) for other in APPS if other != app)


def test_development_lets_the_pages_of_the_usual_local_ports_read() -> None:
    ports = (3000, 5173, 8080, 4200, 8081)
    assert read(ENVIRONMENT="development").allowed_origins == tuple(f"http://localhost:{port}" for port in ports)
    production = read(ENVIRONMENT="production", ALLOWED_HOSTS="todo.example.com", SECRET_KEY=SECRET)
    assert production.allowed_origins == ("http://localhost:3000",)
    assert read(ALLOWED_ORIGINS="https://a.example.com").allowed_origins == ("https://a.example.com",)


def test_a_star_alone_lets_everybody_read_without_credentials(allow: Allow) -> None:
    allow("*")
    for origin in ("https://a.example.com", "https://evil.org", "null"):
        headers = answer(origin)
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers


def test_an_empty_list_lets_nobody_read(allow: Allow) -> None:
    allow("[]")
    assert not is_allowed("http://localhost:3000")
    assert read(ALLOWED_ORIGINS="[]").allowed_origins == ()


def test_a_preflight_names_what_may_be_sent(allow: Allow) -> None:
    allow("https://a.example.com")
    headers = answer(
        "https://a.example.com",
        method="OPTIONS",
        path="/api/alice/tasks/1",
        ACCESS_CONTROL_REQUEST_METHOD="PATCH",
        ACCESS_CONTROL_REQUEST_HEADERS="authorization,if-match",
    )
    assert headers["Access-Control-Allow-Credentials"] == "true"
    methods = headers["Access-Control-Allow-Methods"].split(", ")
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(methods)
    sent = set(headers["Access-Control-Allow-Headers"].split(", "))
    assert sent == {
        "authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "x-request-id",
        "last-event-id", "mcp-protocol-version", "mcp-method", "mcp-name",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/nothing/here", "/api/alice/tasks"])
def test_every_answer_errors_included_lets_the_headers_be_read(allow: Allow, path: str) -> None:
    allow("https://a.example.com")
    read_by_script = set(answer("https://a.example.com", path=path)["Access-Control-Expose-Headers"].split(", "))
    assert read_by_script == {
        "ETag", "Link", "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
        "X-Count", "X-Next-Cursor", "X-Version", "X-Undo", "X-Request-ID", "Idempotency-Replayed",
        "x-vercel-ai-ui-message-stream",
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        "a.example.com", "https://a.example.com/path", "https://*", "https://a*.example.com", "https://*.*.example.com",
        "*,https://a.example.com", "https://a.example.com,*", "*.example.com", "ftp://a.example.com", "null",
        "https://a.example.com\nhttps://b.example.com", '["https://a.example.com"', '["https://a.example.com", 1]',
        "https://a.example.com:99999", "https://u:p@a.example.com",
        "capacitor://*", "capacitor://", "capacitor://localhost/path", "*-extension://abc", "file://",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["ALLOWED_ORIGINS", "CORS_ORIGINS", "CORS_ALLOWED_ORIGINS"])
def test_what_is_no_origin_is_refused(name: str, value: str) -> None:
    line = refusal({"SECRET_KEY": SECRET, name: value})
    assert line.startswith(f"{name} must ")
    assert line.isprintable()


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/login/"])
def test_no_other_origin_reads_the_staff_site(allow: Allow, client: Client, path: str) -> None:
    allow("https://app.example.com")

    answer = client.get(path, headers={"Origin": "https://app.example.com"})

    assert "Access-Control-Allow-Origin" not in answer.headers
