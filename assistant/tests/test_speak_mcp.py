"""The Model Context Protocol itself: revisions, headers, messages, who may come in."""

import json
from itertools import count
from typing import Any, Final

import pytest
from pytest_django import Settings

from assistant.tests.mcp_client import META, MODERN, McpClient
from core.limits.allowances import Rate
from tasks.models import Task
from testing.callers import Answer, Caller

_ids = count(1)
SUPPORTED: Final = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]


@pytest.fixture
def client(alice: Caller) -> McpClient:
    return McpClient(alice.user)


def message(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": params}


def is_error(answer: Answer, status: int, code: int) -> bool:
    assert answer.headers["Content-Type"] == "application/json", answer
    assert set(answer.json) == {"jsonrpc", "id", "error"}
    return (answer.status, answer.json["error"]["code"]) == (status, code)


def test_the_present_revision_needs_no_handshake(client: McpClient) -> None:
    result = client.send("server/discover").json["result"]

    assert result["resultType"] == "complete"
    assert result["supportedVersions"] == SUPPORTED
    assert result["capabilities"] == {"tools": {}}
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "todo"
    listed = client.send("tools/list").json["result"]
    assert (listed["ttlMs"], listed["cacheScope"]) == (300_000, "private")
    assert client.send("tools/list").json["result"]["tools"] == listed["tools"]


@pytest.mark.parametrize("asked", [*SUPPORTED[1:], "2099-01-01", 1, None])
def test_earlier_revisions_begin_with_one(client: McpClient, asked: Any) -> None:
    answer = client.earlier(message("initialize", protocolVersion=asked, capabilities={}), None)

    assert answer.status == 200
    assert answer.json["result"]["protocolVersion"] == (asked if asked in SUPPORTED else "2025-11-25")
    assert "Mcp-Session-Id" not in answer.headers
    assert client.earlier({"jsonrpc": "2.0", "method": "notifications/initialized"}).status == 202
    assert client.earlier(message("ping")).json["result"] == {}
    listed = client.earlier(message("tools/list")).json["result"]
    assert len(listed["tools"]) == 8
    assert "resultType" not in listed
    called = client.earlier(message("tools/call", name="add_task", arguments={"title": "Buy milk"}))
    assert called.json["result"]["structuredContent"]["task"]["title"] == "Buy milk"
    assert client.earlier(message("resources/list")).json["error"]["code"] == -32601
    assert client.earlier(message("tools/call", name="nothing")).json["error"]["code"] == -32602


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "subscriptions/listen", "x" * 5000])
def test_an_unknown_method_is_404(client: McpClient, method: str) -> None:
    assert is_error(client.send(method), 404, -32601)


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities"])
def test_each_request_says_what_it_speaks(client: McpClient, missing: str) -> None:
    meta = {name: value for name, value in META.items() if not name.endswith(missing)}

    assert is_error(client.send("tools/list", {"_meta": meta}), 400, -32602)
    assert is_error(client.send("tools/list", {"_meta": None}), 400, -32602)


def test_another_revision_is_told_which_there_are(client: McpClient) -> None:
    meta = META | {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}

    answer = client.send("tools/list", {"_meta": meta}, MCP_Protocol_Version="2099-01-01")

    assert is_error(answer, 400, -32022)
    assert answer.json["error"]["data"] == {"supported": SUPPORTED, "requested": "2099-01-01"}


@pytest.mark.parametrize(
    "headers",
    [
        {"MCP_Protocol_Version": "2025-11-25"},
        {"Mcp_Method": "tools/list"},
        {"Mcp_Method": "TOOLS/CALL"},
        {"Mcp_Method": ""},
        {"Mcp_Name": "delete_task"},
        {"Mcp_Name": ""},
        {"Mcp_Name": "=?base64?!!?="},
        {"Mcp_Name": "=?base64?/w==?="},
        {"Mcp_Name": "list_tasks,list_tasks"},
    ],
)
def test_headers_that_say_something_else_are_refused(client: McpClient, headers: dict[str, str]) -> None:
    assert is_error(client.send("tools/call", {"name": "list_tasks"}, **headers), 400, -32020)


def test_a_name_may_be_encoded_in_its_header(client: McpClient) -> None:
    answer = client.send("tools/call", {"name": "list_tasks"}, Mcp_Name="=?base64?bGlzdF90YXNrcw==?=")

    assert answer.status == 200


def test_a_header_that_lacks_is_a_mismatch(client: McpClient) -> None:
    body = message("tools/list", _meta=META)

    assert is_error(client.caller.post("/mcp", body), 400, -32020)
    assert is_error(client.caller.post("/mcp", body, MCP_Protocol_Version=MODERN), 400, -32020)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff", -32700),
        (b'{"id": NaN}', -32700),
        (b"[" * 100_000, -32700),
        (b"", -32600),
        (b"{}", -32600),
        (b"1", -32600),
        (b'"x"', -32600),
        (b"null", -32600),
        (b"[]", -32600),
        (b"[1]", -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": %d, "method": "ping"}' % 10**30, -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 1}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1}', -32600),
    ],
)
def test_what_is_no_message_is_400(client: McpClient, body: bytes, code: int) -> None:
    for version in (None, "2025-11-25", MODERN):
        answer = client.earlier(body, version)
        assert is_error(answer, 400, code), (version, answer)


@pytest.mark.parametrize(
    "params",
    [{}, {"name": None}, {"name": ["list_tasks"]}, {"name": "list_tasks", "arguments": []}, {"name": "\ud800"}],
)
def test_a_call_that_says_nothing_is_a_protocol_error(client: McpClient, params: dict[str, Any]) -> None:
    # In ASCII, which a lone surrogate can be written in.
    answer = client.earlier(json.dumps(message("tools/call", **params)).encode())

    assert answer.json["error"]["code"] == -32602


def test_an_id_comes_back_as_it_was_sent(client: McpClient) -> None:
    for sent in ("a", "", 0, -1, 2**53, "ü"):
        assert client.earlier({"jsonrpc": "2.0", "id": sent, "method": "ping"}).json["id"] == sent
        assert client.earlier({"jsonrpc": "2.0", "id": sent, "method": 1}).json["id"] == sent


def test_nothing_is_asked_that_could_be_answered(client: McpClient) -> None:
    for version in (None, "2025-11-25", MODERN):
        assert is_error(client.earlier({"jsonrpc": "2.0", "id": 1, "result": {}}, version), 400, -32600)
    assert client.earlier({"jsonrpc": "2.0", "method": "notifications/cancelled"}, MODERN).status == 202


def test_one_revision_has_batches(client: McpClient, alice: Caller) -> None:
    batch = [
        message("tools/call", name="add_task", arguments={"title": "One"}),
        {"jsonrpc": "2.0", "method": "notifications/progress"},
        message("nothing"),
        message("tools/call", name="list_tasks"),
    ]

    answers = client.earlier(batch, "2025-03-26")

    assert [answer["id"] for answer in answers.json] == [batch[0]["id"], batch[2]["id"], batch[3]["id"]]
    assert answers.json[1]["error"]["code"] == -32601
    assert answers.json[2]["result"]["structuredContent"]["count"] == 1
    assert client.earlier(batch[1:2], None).status == 202
    for version in ("2025-06-18", "2025-11-25", MODERN, "2099-01-01"):
        assert is_error(client.earlier(batch, version), 400, -32600), version
    assert Task.objects.visible_to(alice.user).count() == 1


def test_a_batch_is_bounded_and_counted(client: McpClient, alice: Caller, settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(60, 60)
    add = [message("tools/call", name="add_task", arguments={"title": "One"}) for _ in range(51)]

    assert is_error(client.earlier(add, None), 400, -32600)
    assert is_error(client.earlier([message("initialize"), message("ping")], None), 400, -32600)
    assert len(client.earlier(add[:50], None).json) == 50
    assert client.earlier(add[:50], None).is_problem(429, "too_many_requests")
    assert Task.objects.visible_to(alice.user).count() == 50


def test_a_batch_with_one_call_too_far_does_nothing(alice: Caller) -> None:
    writer = McpClient(alice.user, "tasks:write")
    batch = [message("tools/call", name="add_task", arguments={"title": "x"}), message("tools/call", name="list_tasks")]

    assert writer.earlier(batch, None).is_problem(403, "insufficient_scope")

    assert not Task.objects.visible_to(alice.user).exists()


def test_who_may_come_in(alice: Caller, anonymous: Caller) -> None:
    metadata = "http://testserver/.well-known/oauth-protected-resource/mcp"

    for caller in (anonymous, Caller(alice.user, "todo_x"), Caller(alice.user, "x.y.z")):
        for body in (message("ping"), b"{", [message("ping")]):
            answer = caller.post("/mcp", body)
            assert answer.is_problem(401), answer
            assert answer.headers["WWW-Authenticate"] == f'Bearer resource_metadata="{metadata}"'
    # A session is as good as a token of all scopes.
    assert alice.post("/mcp", message("tools/list")).status == 200


@pytest.mark.parametrize("path", ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
def test_what_protects_it_is_told(anonymous: Caller, path: str) -> None:
    answer = anonymous.get(path)

    assert answer.status == 200
    assert answer.json["resource"] == "http://testserver/mcp"
    assert answer.json["authorization_servers"] == ["http://testserver"]
    assert answer.json["scopes_supported"] == ["tasks:read", "tasks:write"]
    assert answer.json["bearer_methods_supported"] == ["header"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_are_no_streams_and_no_sessions(client: McpClient, method: str) -> None:
    assert client.caller.send(method, "/mcp").is_problem(405, "method_not_allowed")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://testserver", 200),
        ("http://localhost:3000", 200),
        ("http://evil.example", 403),
        ("http://testserver.evil.example", 403),
        ("http://testserver@evil.example", 403),
        ("https://testserver", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_pages_of_others_are_refused(client: McpClient, origin: str, status: int) -> None:
    assert client.send("tools/list", Origin=origin).status == status


def test_pages_that_are_allowed_may_send_its_headers(anonymous: Caller) -> None:
    asked = "authorization, content-type, last-event-id, mcp-protocol-version, mcp-method, mcp-name"
    answer = anonymous.send(
        "OPTIONS",
        "/mcp",
        Origin="http://localhost:3000",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers=asked,
    )

    allowed = {word.strip() for word in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert set(asked.split(", ")) <= allowed


def test_other_types_are_refused(client: McpClient) -> None:
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'

    assert client.caller.send("POST", "/mcp", body, content_type="text/plain").is_problem(415)
    assert client.earlier(body, None, Accept="text/event-stream").is_problem(406)
    assert client.earlier(body, None, Accept="application/json, text/event-stream").status == 200
