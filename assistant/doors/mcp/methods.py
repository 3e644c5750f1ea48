"""What may be asked for, and its answers."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from django.conf import settings

from accounts.models import Scope, User
from assistant.doors.mcp.calls import call_tool
from assistant.doors.mcp.definitions import DEFINITIONS, INSTRUCTIONS, permitted, scopes_for
from assistant.doors.mcp.messages import INVALID_PARAMS, METHOD_NOT_FOUND, Document, Message, RpcError
from assistant.doors.mcp.versions import SERVER, SUPPORTED, negotiated

# Of what tokens differ in and releases alone change.
CACHEABLE: Final = {"ttlMs": 300_000, "cacheScope": "private"}
ABILITIES: Final[Document] = {"tools": {}}


class Asked:
    """One request of one caller, who has these scopes; None: all of them."""

    def __init__(self, user: User, scopes: frozenset[Scope] | None, *, is_modern: bool) -> None:
        self._user, self._scopes, self._is_modern = user, scopes, is_modern
        common = {"tools/list": self._list, "tools/call": self._call}
        self._methods: Mapping[str, Callable[[Message], Document]] = (
            {**common, "server/discover": self._discover}
            if is_modern
            else {**common, "initialize": self._initialize, "ping": lambda message: {}}
        )

    def answer(self, message: Message) -> Document:
        """Raises ``RpcError``."""
        if message.method not in self._methods:
            raise RpcError(METHOD_NOT_FOUND, "There is no such method.")
        result = self._methods[message.method](message)
        if self._is_modern:
            result = {"resultType": "complete", **result, "_meta": {SERVER: _server()}}
        return {"jsonrpc": "2.0", "id": message.id, "result": result}

    def _initialize(self, message: Message) -> Document:
        version = negotiated(message.params.get("protocolVersion"))
        return {
            "protocolVersion": version,
            "capabilities": ABILITIES,
            "serverInfo": _server(),
            "instructions": INSTRUCTIONS,
        }

    def _discover(self, message: Message) -> Document:
        told = {"supportedVersions": list(SUPPORTED), "capabilities": ABILITIES, "instructions": INSTRUCTIONS}
        return told | CACHEABLE

    def _list(self, message: Message) -> Document:
        if message.params.get("cursor") is not None:
            raise RpcError(INVALID_PARAMS, "There is no such cursor: all tools are on one page.")
        return {"tools": permitted(self._scopes)} | (CACHEABLE if self._is_modern else {})

    def _call(self, message: Message) -> Document:
        name, arguments = read_call(message)
        if name not in DEFINITIONS:
            raise RpcError(INVALID_PARAMS, f"Unknown tool: {name[:64]}")
        outcome = call_tool(self._user, name, arguments)
        # The same once more as text, for clients of before 2025-06-18.
        texts = [text for text in (outcome.told, orjson.dumps(outcome.result).decode()) if text]
        content = [{"type": "text", "text": text} for text in texts]
        structured = {} if outcome.is_error else {"structuredContent": outcome.result}
        return {"content": content, "isError": outcome.is_error, **structured}


def read_call(message: Message) -> tuple[str, Mapping[str, Any]]:
    """Raises ``RpcError``."""
    name, arguments = message.params.get("name"), message.params.get("arguments")
    if not isinstance(name, str) or not isinstance(arguments, dict | None):
        raise RpcError(INVALID_PARAMS, "`name` must be a text, and `arguments` an object.")
    return name, arguments or {}


def scopes_of(message: Message) -> frozenset[Scope]:
    """Those that it takes. Raises ``RpcError``."""
    if message.method != "tools/call":
        return frozenset()
    name, arguments = read_call(message)
    return scopes_for(name, arguments) if name in DEFINITIONS else frozenset()


def _server() -> Document:
    return {"name": "todo", "title": "Todo", "version": settings.SPECTACULAR_SETTINGS["VERSION"]}
