"""What stands before a request's body: where it ends, and what of it no parser should have to guess at."""

import re
from typing import Final

from gunicorn.http.errors import (
    InvalidHeader,
    InvalidRequestLine,
    LimitRequestHeaders,
    LimitRequestLine,
    ObsoleteFolding,
    ParseException,
)

# 8000 must be served (RFC 9112, section 3), and our own links to a next page are longer than what was asked.
MAX_LINE_BYTES: Final = 16 * 1024
MAX_HEAD_BYTES: Final = 64 * 1024
END: Final = b"\r\n\r\n"
TOKEN: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]")
# A probe without a body: what is answered without a thread must not have to wait for one.
PROBE: Final = re.compile(rb"(GET|HEAD) /health/?(\?[!-~]*)? HTTP/1\.[01]\r\n")
READINESS: Final = re.compile(rb"(GET|HEAD) /health/ready/?(\?[!-~]*)? HTTP/1\.[01]\r\n")
FRAMING: Final = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
HAS_BODY: Final = re.compile(rb"\n(content-length|transfer-encoding|expect|upgrade):", re.IGNORECASE)


def is_whole(received: bytes) -> bool:
    """Whether the request can be handled: its head is there, or a fault that nothing sent later would mend.

    A long line is read on: who may read the refusal stands behind it.
    """
    if END in received or not received:
        return bool(received)
    return len(received) > MAX_HEAD_BYTES or not isinstance(find_fault(received), LimitRequestLine | None)


def is_probe(received: bytes) -> bool:
    return PROBE.match(received) is not None and not HAS_BODY.search(_head(received))


def asks_for_readiness(received: bytes) -> bool:
    return READINESS.match(received) is not None


def waits_for_permission(received: bytes) -> bool:
    """Before it sends the body (RFC 9110, section 10.1.1)."""
    return field(received, "Expect").lower() == "100-continue"


def framing_fields(received: bytes) -> list[bytes]:
    """The names of those that say where a body ends, as often as they stand there."""
    return FRAMING.findall(_head(received))


def find_fault(received: bytes) -> ParseException | None:
    """What is wrong with the head that ``received`` begins with, which may not have ended yet.

    A lone CR or LF and a folded line are what one server reads otherwise than the next (RFC 9112, sections 2.2
    and 5.2).
    """
    head = _head(received)
    line, ended, _ = head.partition(b"\r\n")
    rest = head.replace(b"\r\n", b"")
    if len(line) > MAX_LINE_BYTES:
        return LimitRequestLine(len(line), MAX_LINE_BYTES)
    if len(head) > MAX_HEAD_BYTES:
        return LimitRequestHeaders(f"more than {MAX_HEAD_BYTES} bytes")
    if not TOKEN.match(head) or (ended and line.count(b" ") != 2):
        return InvalidRequestLine("")
    # The last byte may be half of a line's end.
    if b"\n" in rest or b"\r" in rest[:-1]:
        return InvalidHeader("")
    return ObsoleteFolding("") if b"\n " in head or b"\n\t" in head else None


def field(received: bytes, name: str) -> str:
    """A header's value as it was sent, or an empty text: for heads that could not be parsed."""
    pattern = rb"\r\n" + re.escape(name.encode()) + rb":[ \t]*([!-~]*)[ \t]*(?=\r\n|\Z)"
    match = re.search(pattern, _head(received).removesuffix(b"\r\n"), re.IGNORECASE)
    return match[1].decode("ascii") if match else ""


def _head(received: bytes) -> bytes:
    """With the end of its last line, without the empty one."""
    end = received.find(END)
    return received if end < 0 else received[: end + 2]
