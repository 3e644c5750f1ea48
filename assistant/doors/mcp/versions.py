"""Which revision of the protocol a message is in, and what its headers have to say.

Up to 2025-11-25 a client begins with ``initialize``; since 2026-07-28 each request says itself which revision it is in,
and its headers repeat what it asks for. Neither has a session here.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from assistant.doors.mcp.messages import HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION, Message, RpcError

MODERN: Final = "2026-07-28"
# With ``initialize``, newest first.
HANDSHAKE: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
SUPPORTED: Final = (MODERN, *HANDSHAKE)
# The one without the header, and the only one over HTTP that has several messages in a body.
UNNAMED: Final = "2025-03-26"
VERSION: Final = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
SERVER: Final = "io.modelcontextprotocol/serverInfo"
# Methods whose ``params`` name what ``Mcp-Name`` repeats.
NAMED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
ENCODED: Final = re.compile(r"=\?base64\?(.*)\?=")

Headers = Mapping[str, str]


def negotiated(asked: Any) -> str:
    """Of ``initialize``."""
    return asked if asked in HANDSHAKE else HANDSHAKE[0]


def is_modern(headers: Headers, message: Message) -> bool:
    if VERSION in message.meta:
        return True
    return headers.get("MCP-Protocol-Version", UNNAMED) not in HANDSHAKE


def check_modern(headers: Headers, message: Message) -> None:
    """Raises ``RpcError`` with the first thing that is wrong, in the order of the official server."""
    missing = [name for name in (VERSION, CAPABILITIES) if name not in message.meta]
    if missing:
        raise RpcError(INVALID_PARAMS, f"`params._meta` lacks {' and '.join(missing)}.")
    asked = message.meta[VERSION]
    named = NAMED.get(message.method)
    _check(headers, "MCP-Protocol-Version", asked)
    _check(headers, "Mcp-Method", message.method)
    if named and message.params.get(named) is not None:
        _check(headers, "Mcp-Name", message.params[named])
    if asked != MODERN:
        raise RpcError(
            UNSUPPORTED_VERSION,
            "Unsupported protocol version",
            {"supported": list(SUPPORTED), "requested": asked},
        )


def _check(headers: Headers, name: str, said: Any) -> None:
    header = headers.get(name)
    if header is None or _decoded(header) != said:
        raise RpcError(HEADER_MISMATCH, f"The header {name} does not say what the body says.")


def _decoded(header: str) -> str | None:
    encoded = ENCODED.fullmatch(header)
    if encoded is None:
        return header
    try:
        return base64.b64decode(encoded[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
