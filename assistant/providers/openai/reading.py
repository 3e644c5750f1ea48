"""What comes over the line, event by event (WHATWG HTML, section 9.2), or all at once from who does not stream.

Our own, because the SDK takes a whole answer for a stream without events.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx2

DONE: Final = b"[DONE]"
# White space, and the mark that some put before UTF-8.
BLANK: Final = b" \t\r\n\xef\xbb\xbf"


def read_chunks(response: httpx2.Response) -> Iterator[Mapping[str, Any]]:
    """Raises ``ValueError``, ``TypeError`` and ``RecursionError`` for what is no JSON or no object."""
    pieces = response.iter_bytes()
    head = b""
    while not head and (piece := next(pieces, None)) is not None:
        head = piece.lstrip(BLANK)
    if head[:1] in (b"{", b"["):
        yield _whole(b"".join((head, *pieces)))
        return
    for event in _events(_lines(head, pieces)):
        yield _object(json.loads(event))


def _whole(body: bytes) -> Mapping[str, Any]:
    # A relay may put the end of a stream behind it.
    found = json.loads(body.rstrip().removesuffix(b"data: [DONE]"))
    # Gemini's errors are a list of one.
    return _object(found[0] if isinstance(found, list) and found else found)


def _object(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise TypeError("a chunk that is no object")
    return found


def _events(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Also of those that leave out the blank line between two events, or at the end."""
    content: list[bytes] = []
    for line in lines:
        if line.startswith(b"data:"):
            if len(content) == 1 and content[0].endswith(b"}"):
                yield content.pop()
            content.append(line[5:].strip())
            if content == [DONE]:
                return
        elif not line and content:
            yield b"\n".join(content)
            content = []
    if content:
        yield b"\n".join(content)


def _lines(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    left = bytearray(head)
    while True:
        *lines, rest = bytes(left).split(b"\n") if b"\n" in left else (bytes(left),)
        yield from (line.rstrip(b"\r") for line in lines)
        left = bytearray(rest)
        piece = next(pieces, None)
        if piece is None:
            yield bytes(left).rstrip(b"\r")
            return
        left += piece
