"""Server-sent events (WHATWG HTML, section 9.2), and answers that stay open for them."""

from typing import Any, Final, Protocol

import orjson
from django.http import StreamingHttpResponse

MEDIA_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = b": still here\n\n"
# The second, or nginx would collect the events.
HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
# In the WSGI environment: the ``Room`` of a server that keeps answers open.
ROOM: Final = "todo.room"


def encode(name: str, content: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(content))


class Room(Protocol):
    """Where a server keeps answers open without a thread for each."""

    def check(self, user_id: str) -> None:
        """Raises ``TooManyRequests`` where this user has all they may, ``Unavailable`` where it is full."""


class OpenAnswer(StreamingHttpResponse):
    """Begins with ``first``; from then on it is the ``Room``'s, which writes what there is for the ``listener``."""

    def __init__(self, first: bytes, listener: Any) -> None:
        super().__init__(iter([first]), content_type=MEDIA_TYPE, headers=HEADERS)
        self.listener = listener
