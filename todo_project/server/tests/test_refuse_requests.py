"""What is no good HTTP is refused by the server itself, with a problem that a browser shows."""

import time
from pathlib import Path

import pytest

from testing import sockets
from testing.service import MIGRATE, output, serving
from testing.sockets import ORIGIN, Reply, send
from todo_project.server.gathering import HEAD_SECONDS

# One server for all, whatever the database.
pytestmark = pytest.mark.once

HOST = f"Host: localhost\r\nOrigin: {ORIGIN}\r\n".encode()


def ask(port: int, line: bytes, fields: bytes = b"", body: bytes = b"") -> Reply:
    return send(port, line + b"\r\n" + HOST + fields + b"\r\n" + body)[0]


def line_of(size: int) -> bytes:
    start, end = b"GET /nope?q=", b" HTTP/1.1"
    return start + b"a" * (size - len(start) - len(end)) + end


@pytest.mark.parametrize("size", [4095, 8000, 8191, 16 * 1024])
def test_a_long_request_line_is_served(port: int, size: int) -> None:
    assert ask(port, line_of(size)).is_problem(404, "not_found")


@pytest.mark.parametrize("size", [16 * 1024 + 1, 20_000, 60_000])
def test_a_longer_one_is_414(port: int, size: int) -> None:
    assert ask(port, line_of(size)).is_problem(414, "uri_too_long")


@pytest.mark.parametrize("size", [200_000, 500_000])
def test_a_line_whose_origin_is_out_of_reach_can_be_read_by_all(port: int, size: int) -> None:
    reply = ask(port, line_of(size))

    assert (reply.status, reply.json["code"]) == (414, "uri_too_long")
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "fields",
    [
        b"X-Long: " + b"a" * 20_000 + b"\r\n",
        b"".join(b"X-%d: a\r\n" % number for number in range(101)),
        b"".join(b"X-%d: %s\r\n" % (number, b"a" * 9000) for number in range(8)),
    ],
)
def test_headers_that_are_too_large_are_431(port: int, fields: bytes) -> None:
    assert ask(port, b"GET /health HTTP/1.1", fields).is_problem(431, "headers_too_large")


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: identity, chunked\r\n",
        b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_another_transfer_coding_than_chunked_is_501(port: int, fields: bytes) -> None:
    assert ask(port, b"POST /nope HTTP/1.1", fields, b"0\r\n\r\n").is_problem(501, "bad_request")


@pytest.mark.parametrize(
    "fields",
    [
        b"X-Folded: a\r\n b\r\n",
        b"X-Folded: a\r\n\tb\r\n",
        b"X-Lone: a\nX-Other: b\r\n",
        b"X-Lone: a\rX-Other: b\r\n",
        b"X-Nul: a\x00b\r\n",
        b"X-Space : a\r\n",
        b" X-First: a\r\n",
        b"No-Colon\r\n",
        b"Host: other\r\n",
        b"Content-Length: 1\r\nContent-Length: 1\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: 1, 1\r\n",
        b"Content-Length: +1\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x1\r\n",
        b"Content-Length: 1_0\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n",
    ],
)
def test_fields_that_servers_read_differently_are_400(port: int, fields: bytes) -> None:
    assert ask(port, b"POST /nope HTTP/1.1", fields, b"0\r\n\r\n").is_problem(400, "bad_request")


@pytest.mark.parametrize(
    "line",
    [
        b"GET /nope",
        b"GET  /nope HTTP/1.1",
        b"GET /no pe HTTP/1.1",
        b"GET nope HTTP/1.1",
        b"GET localhost:80 HTTP/1.1",
        b"GET ftp://localhost/nope HTTP/1.1",
        b"GET /nope HTTP/2.0",
        b"GET /nope HTTX/1.1",
        b"get /nope HTTP/1.1",
        b"G(T /nope HTTP/1.1",
        b"CONNECT localhost:80 HTTP/1.1",
        b"GET * HTTP/1.1",
    ],
)
def test_a_line_that_is_none_is_400(port: int, line: bytes) -> None:
    assert ask(port, line).is_problem(400, "bad_request")


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00\x01", b"\x00\x01", b"{}"])
def test_what_is_no_http_at_all_is_told_so_at_once(port: int, data: bytes) -> None:
    started = time.monotonic()

    assert send(port, data)[0].status == 400
    # And not when it has waited for the rest of a head.
    assert time.monotonic() - started < HEAD_SECONDS


def test_http_1_1_names_its_host_and_http_1_0_need_not(port: int) -> None:
    origin = f"Origin: {ORIGIN}\r\n".encode()

    assert send(port, b"GET /health HTTP/1.1\r\n" + origin + b"\r\n")[0].is_problem(400, "bad_request")
    assert send(port, b"GET /health HTTP/1.0\r\n" + origin + b"\r\n")[0].status == 200


def test_an_absolute_target_is_a_path_and_its_host_the_one_that_counts(port: int) -> None:
    assert send(port, b"GET http://localhost/nope HTTP/1.1\r\nHost: evil.example\r\n\r\n")[0].status == 404
    assert send(port, b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n")[0].json["status"] == "healthy"
    assert send(port, b"GET http://evil.example/docs HTTP/1.1\r\nHost: localhost\r\n\r\n")[0].status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"2;ext\n\r\n{}\r\n0\r\n\r\n",
        b"2;ext\nPOST / HTTP/1.1\r\n{}\r\n0\r\n\r\n",
        b"2 2\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"\r\n{}\r\n0\r\n\r\n",
        b"2\n{}\n0\n\n",
        b"2\r\n{}X\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX-Trailer: a\r\n b\r\n\r\n",
        b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX-Trailer: " + b"a" * 30_000 + b"\r\n\r\n",
        b"2;" + b"a" * 10_000 + b"\r\n{}\r\n0\r\n\r\n",
        b"1" * 30 + b"\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_a_body_with_bad_chunks_is_400_and_nothing_behind_it_is_read(port: int, body: bytes) -> None:
    head = b"POST /api/auth/login HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    smuggled = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    replies = send(port, head + body + smuggled, count=2)

    assert replies[0].is_problem(400, "body_incomplete")
    assert replies[0].headers["connection"] == "close"
    assert len(replies) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"2\r\n{}\r\n0\r\n\r\n",
        b'2;a="b"\r\n{}\r\n0;last\r\n\r\n',
        b"02 ;a\r\n{}\r\n000\r\nX-Trailer: a\r\n\r\n",
        b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    ],
)
def test_good_chunks_are_read_and_the_next_request_is_found(port: int, body: bytes) -> None:
    head = b"POST /api/auth/refresh HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    smuggled = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    replies = send(port, head + b"Transfer-Encoding: chunked\r\n\r\n" + body + smuggled, count=2)

    assert [reply.status for reply in replies] == [422, 200]


def test_a_head_that_does_not_end_is_408(port: int) -> None:
    with sockets.connect(port) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n" + HOST)
        reply = sockets.read(connection, 1)[0]

    assert reply.is_problem(408, "request_timeout")


def test_a_request_id_of_the_caller_is_kept_and_the_log_quotes_nothing(port: int, log: Path) -> None:
    fields = b"X-Request-ID: mine-1\r\nX-Secret: hunter22\r\n folded\r\n"

    reply = ask(port, b"GET /nope?q=hunter23 HTTP/1.1", fields)

    assert reply.json["request_id"] == "mine-1"
    assert "hunter2" not in log.read_text()


def test_another_origin_cannot_read_a_refusal(port: int) -> None:
    reply = send(port, b"GET /nope HTTP/9.9\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n")[0]

    assert reply.status == 400
    assert "access-control-allow-origin" not in reply.headers


def test_nobody_says_where_the_service_hangs(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}", "TRUSTED_PROXIES": "1"}
    output(MIGRATE, settings)
    with serving(tmp_path / "log", settings) as server:
        for fields in (
            b"SCRIPT_NAME: /elsewhere\r\n",
            b"Script-Name: //evil.example\r\n",
            b"PATH_INFO: /health\r\n",
            b"X-Forwarded-Proto: http\r\nX-Forwarded-Ssl: on\r\n",
            b"X-Forwarded-Protocol: ssl\r\nX-Forwarded-Proto: http\r\n",
            b"X-Forwarded-Host: evil.example\r\nX-Forwarded-Prefix: /elsewhere\r\n",
        ):
            reply = send(server.port, b"GET /admin/ HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n")[0]
            assert (reply.status, reply.headers["location"]) == (302, "/admin/login/?next=/admin/"), fields
            assert send(server.port, b"GET /nope HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n")[0].status == 404
