"""JSON-RPC 2.0 as MCP has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assistant.tools.texts import scrub

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
# Of MCP itself (2026-07-28, "Error codes").
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022
# What can be written as JSON again.
MAX_ID: Final = 2**63

MessageId = str | int | None
Document = dict[str, Any]


class RpcError(Exception):
    """The request is at fault, and not what a tool did."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = scrub(message)
        self.data = scrub(data)

    def represent(self, message_id: MessageId) -> Document:
        error = {"code": self.code, "message": self.message} | ({"data": self.data} if self.data else {})
        return {"jsonrpc": "2.0", "id": message_id, "error": error}


@dataclass(frozen=True, slots=True)
class Message:
    # None: a notification, which nobody answers.
    id: MessageId
    method: str
    params: Mapping[str, Any]

    @property
    def meta(self) -> Mapping[str, Any]:
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}


def read_id(value: Any) -> MessageId:
    """None for what is no id of a request."""
    if isinstance(value, str):
        return value if scrub(value) == value else None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and -MAX_ID <= value < MAX_ID else None


def read_message(value: Any) -> Message:
    """Raises ``RpcError``, for answers too: nothing was asked that they could be to."""
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, "This is no JSON-RPC 2.0 message.")
    method, params = value.get("method"), value.get("params", {})
    if not isinstance(method, str) or not isinstance(params, dict):
        raise RpcError(INVALID_REQUEST, "`method` must be a text, and `params` an object.")
    message_id = read_id(value.get("id"))
    if message_id is None and "id" in value:
        raise RpcError(INVALID_REQUEST, "`id` must be a text or a whole number.")
    return Message(message_id, method, params)
