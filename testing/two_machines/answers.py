"""What comes back from a real address, as Django's test client would have it of its own process."""

from http.client import HTTPMessage, HTTPResponse
from typing import Any, Final, NoReturn

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.cookie import SimpleCookie

ENDLESS: Final = "hears what a server keeps open"
LOOKS: Final = "looks at what is inside the process"
EVENTS: Final = "text/event-stream"
# Said by whoever serves, and not by the service.
OF_SERVERS: Final = frozenset({"connection", "date", "keep-alive", "server", "set-cookie", "transfer-encoding"})


class Unseen:
    """In place of what nobody sees from outside."""

    def __bool__(self) -> bool:
        return False

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip(LOOKS)

    def __getitem__(self, key: object) -> NoReturn:
        pytest.skip(LOOKS)


class FromOutside:
    """What Django's client adds to an answer of this process, and no answer from elsewhere has."""

    headers: Any

    @property
    def context(self) -> Unseen:
        return Unseen()

    @context.setter
    def context(self, context: Any) -> None:
        """Of no template here."""

    @property
    def url(self) -> str:
        """Where it leads."""
        if "Location" not in self.headers:
            raise AttributeError("url")
        return str(self.headers["Location"])


class Whole(FromOutside, HttpResponse):
    pass


class Streamed(FromOutside, StreamingHttpResponse):
    pass


def response_of(answer: HTTPResponse, method: str) -> Whole | Streamed:
    told = answer.headers
    if method == "GET" and told.get_content_type() == EVENTS:
        pytest.skip(ENDLESS)
    content = answer.read()
    is_stream = told.get("Transfer-Encoding") == "chunked"
    status: dict[str, Any] = {"status": answer.status, "reason": answer.reason}
    made = Streamed([content], **status) if is_stream else Whole(content, **status)
    del made.headers["Content-Type"]
    for name, value in told.items():
        if name.lower() not in OF_SERVERS:
            made.headers[name] = value
    made.cookies = _cookies(told)
    return made


def _cookies(told: HTTPMessage) -> SimpleCookie:
    cookies = SimpleCookie()
    for line in told.get_all("Set-Cookie", []):
        cookies.load(line)
    for cookie in cookies.values():
        if cookie["max-age"]:
            # As Django's own has it.
            cookie["max-age"] = int(cookie["max-age"])
    return cookies
