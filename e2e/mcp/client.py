"""The official client: reads calls as JSON from its input and writes what came of them. Runs in an environment of its
own (``requirements.txt``), and knows nothing of the service but its address.
"""

import asyncio
import json
import sys
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError


async def run(url: str, token: str, mode: str, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=20)
    async with http, Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        tools = (await client.list_tools()).tools
        results = [await call(client, name, arguments) for name, arguments in calls]
        return {
            "version": client.protocol_version,
            # Nobody introduces themselves to a client that was told what to speak.
            "server": client.server_info and client.server_info.name,
            "tools": [tool.name for tool in tools],
            "results": results,
        }


async def call(client: Client, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        result = await client.call_tool(name, arguments)
    except MCPError as error:
        return {"code": error.error.code}
    return {
        "is_error": result.is_error,
        "structured": result.structured_content,
        "texts": [content.text for content in result.content],
    }


if __name__ == "__main__":
    url, token, mode = sys.argv[1:4]
    json.dump(asyncio.run(run(url, token, mode, json.load(sys.stdin))), sys.stdout)
