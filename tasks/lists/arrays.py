"""What lists answer with: JSON arrays of rows that the database or orjson has written."""

from dataclasses import dataclass, field
from typing import Any, Final

# Of a page. The longest task has 15 kB, so that many of them fit.
MAX_BYTES: Final = 4 * 1024 * 1024


@dataclass(slots=True)
class JsonArray:
    """Texts, or bytes, that are joined and measured a whole statement's at once."""

    count: int = 0
    _bytes: int = 0
    _joined: list[Any] = field(default_factory=list)

    def add(self, pieces: list[Any]) -> int:
        """As many of them, from the first on, as ``MAX_BYTES`` have room for: their number."""
        if not pieces:
            return 0
        joined = _join(pieces)
        # Each with the comma or the bracket behind it.
        size = _length(joined) + 1
        if self._bytes + size > MAX_BYTES:
            return self.add(pieces[: self._fitting(pieces)])
        self._bytes += size
        self._joined.append(joined)
        self.count += len(pieces)
        return len(pieces)

    def _fitting(self, pieces: list[Any]) -> int:
        length = self._bytes
        for place, piece in enumerate(pieces):
            length += _length(piece) + 1
            if length > MAX_BYTES:
                return place
        return len(pieces)

    @property
    def json(self) -> str | bytes:
        """For ``orjson.Fragment``, which encodes a text while it copies it."""
        if not self._joined:
            return "[]"
        body = self._joined[0] if len(self._joined) == 1 else _join(self._joined)
        return f"[{body}]" if isinstance(body, str) else b"[%b]" % body


def _join(pieces: list[Any]) -> str | bytes:
    return ",".join(pieces) if isinstance(pieces[0], str) else b",".join(pieces)


def _length(text: str | bytes) -> int:
    """In bytes. Asking a text of ASCII takes no copy."""
    return len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode())
