"""What only a real server and a real socket can show."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from testing.databases import copied_database
from testing.service import serving, wait_until

MEGABYTE: Final = 1024 * 1024
CREDENTIALS: Final = {"email": "carol@example.com", "password": "correct horse battery"}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="module")
def port(template: str, log: Path) -> Iterator[int]:
    with copied_database(template, log.parent) as url, serving(log, {"DATABASE_URL": url}) as server:
        yield server.port


@pytest.fixture(scope="module")
def carol(port: int) -> Any:
    return request(port, "POST", "/api/auth/signup", json.dumps(CREDENTIALS))[2]


def request(
    port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, *, chunked: bool = False
) -> tuple[int, Any, Any]:
    """Status, headers and the parsed body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request(method, path, body, headers, encode_chunked=chunked)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.headers, json.loads(content) if content else None


def raw(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_a_chunked_body_is_read(port: int, carol: Any) -> None:
    headers = {"Authorization": f"Bearer {carol['access_token']}", "Transfer-Encoding": "chunked"}

    status, _, task = request(
        port, "POST", f"/api/{carol['user']['id']}/tasks", iter([b'{"title":', b' "In pieces"}']), headers, chunked=True
    )

    assert status == 201
    assert task["title"] == "In pieces"


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MEGABYTE + 1, 20 * MEGABYTE])
def test_the_answer_to_a_body_that_is_too_large_arrives(port: int, size: int, *, chunked: bool) -> None:
    body = iter([b" " * MEGABYTE] * (size // MEGABYTE) + [b" "]) if chunked else b" " * size
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}

    status, answered, problem = request(port, "POST", "/api/auth/login", body, headers, chunked=chunked)

    assert status == 413
    assert problem["code"] == "body_too_large"
    assert answered["X-Request-ID"] == problem["request_id"]


def test_the_connection_goes_on_after_a_body_that_was_too_large(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for path, body, status in (("/api/auth/login", b" " * 3 * MEGABYTE, 413), ("/health", None, 200)):
        connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()


def test_a_body_of_exactly_one_megabyte_is_taken(port: int) -> None:
    filler = json.dumps({**CREDENTIALS, "email": "long@example.com"})[:-1] + ', "x": "'
    body = filler + "y" * (MEGABYTE - len(filler) - 2) + '"}'

    assert len(body) == MEGABYTE
    assert request(port, "POST", "/api/auth/signup", body)[0] == 201


def test_an_unread_body_does_not_become_the_next_request(port: int) -> None:
    smuggled = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    received = raw(
        port,
        b"PATCH /api/x/tasks/y/toggle HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(smuggled)
        + smuggled,
    )

    assert received.count(b"HTTP/1.1 ") == 1
    assert received.startswith(b"HTTP/1.1 401 ")


def test_a_token_of_nine_kilobytes_is_401(port: int) -> None:
    status, _, problem = request(port, "GET", "/api/auth/me", headers={"Authorization": "Bearer " + "x" * 9000})

    assert (status, problem["code"]) == (401, "token_invalid")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(port: int, data: bytes) -> None:
    received = raw(port, data)

    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert f"X-Request-ID: {json.loads(body)['request_id']}".encode() in head
    assert request(port, "GET", "/health")[0] == 200


def test_a_body_that_ends_early_stores_nothing(port: int, carol: Any) -> None:
    head = (
        f"POST /api/{carol['user']['id']}/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {carol['access_token']}\r\nContent-Length: 500\r\n\r\n"
    )

    received = raw(port, head.encode() + b'{"title": "Cut off"}')

    assert b" 201 " not in received
    listed = request(
        port,
        "GET",
        f"/api/{carol['user']['id']}/tasks",
        headers={"Authorization": f"Bearer {carol['access_token']}"},
    )[2]
    assert "Cut off" not in [task["title"] for task in listed["data"]]


def lines(log: Path) -> set[str]:
    """Of requests: method, route and status."""
    return set(re.findall(r"[A-Z]+ /\S+ \d{3}(?= )", log.read_text()))


def test_the_log_holds_no_tokens_emails_titles_or_searches(port: int, carol: Any, log: Path) -> None:
    headers = {"Authorization": f"Bearer {carol['access_token']}"}
    request(port, "POST", f"/api/{carol['user']['id']}/tasks", b'{"title": "A secret present"}', headers)
    request(port, "GET", f"/api/{carol['user']['id']}/tasks?search=secret", headers=headers)
    request(port, "POST", "/api/auth/login", b'{"email": "carol@example.com", "password": "hunter22 wrong"}')

    # The lines follow the answers.
    wait_until(lambda: {"GET /api/{user_id}/tasks 200", "POST /api/auth/login 401"} <= lines(log))
    written = log.read_text()

    for secret in ("secret", "carol@example.com", "hunter22", carol["access_token"], carol["refresh_token"]):
        assert secret not in written


def test_a_path_that_is_none_is_not_told_in_the_log(port: int, log: Path) -> None:
    headers = {"X-Request-ID": "looks-for-a-path"}
    assert request(port, "GET", "/nope%0A127.0.0.1%20forged%1B%5B31m%00%E9", headers=headers)[0] == 404

    # The line follows the answer.
    wait_until(lambda: re.search(r"GET - 404 not_found .* \[looks-for-a-path\]", log.read_text()) is not None)
    assert "forged" not in log.read_text()


@pytest.mark.parametrize("path", ["/health", "/nope", "/api/auth/me", "/docs", "/static/docs/redoc.js"])
def test_head_tells_what_get_sends(port: int, log: Path, path: str) -> None:
    answers = {}
    for method in ("GET", "HEAD"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path)
        response = connection.getresponse()
        answers[method] = (response.status, response.headers["Content-Length"], response.headers["Content-Type"])
        length = len(response.read())
        assert length == (0 if method == "HEAD" else int(response.headers["Content-Length"]))
        connection.close()

    assert answers["HEAD"] == answers["GET"]
    assert "no-body response" not in log.read_text()
