"""Speaks to ``/mcp`` as a client of 2026-07-28 does, or of an earlier revision."""

import json
from itertools import count
from typing import Any, Final

import orjson

from accounts.models import User
from testing.callers import Answer, Caller, make_token

MODERN: Final = "2026-07-28"
META: Final = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
_ids = count(1)


class McpClient:
    def __init__(self, user: User, *scopes: str) -> None:
        self.caller = Caller(user, make_token(user, *scopes))

    def send(self, method: str, params: dict[str, Any] | None = None, **headers: str) -> Answer:
        body = {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": {"_meta": META, **(params or {})}}
        named = {"Mcp_Name": str((params or {}).get("name"))} if method == "tools/call" else {}
        # In ASCII, which a lone surrogate can be written in.
        return self.caller.post(
            "/mcp",
            json.dumps(body).encode(),
            **{"MCP_Protocol_Version": MODERN, "Mcp_Method": method, **named, **headers},
        )

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result."""
        answer = self.send("tools/call", {"name": tool, "arguments": arguments})
        assert answer.status == 200, answer
        return dict(answer.json["result"])

    def do(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What the tool says, where it did not refuse."""
        result = self.call(tool, **arguments)
        assert not result["isError"], result
        return dict(result["structuredContent"])

    def fail(self, tool: str, **arguments: Any) -> str:
        """The code of its refusal."""
        result = self.call(tool, **arguments)
        assert result["isError"], result
        assert "structuredContent" not in result
        return str(self.error(result)["code"])

    def error(self, result: dict[str, Any]) -> dict[str, Any]:
        return dict(orjson.loads(result["content"][-1]["text"])["error"])

    def earlier(self, message: Any, version: str | None = "2025-11-25", **headers: str) -> Answer:
        named = {"MCP_Protocol_Version": version} if version else {}
        return self.caller.post("/mcp", message, **named, **headers)
