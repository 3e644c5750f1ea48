from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.addresses import client_address
from accounts.models import MAX_USER_AGENT_LENGTH

if TYPE_CHECKING:
    from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from, for sessions and the security log."""

    address: str
    user_agent: str
    request_id: str


def command(name: str) -> Client:
    """Whoever sits at the server's own terminal."""
    return Client(address="", user_agent=f"manage.py {name}", request_id="")


def client_of(request: "HttpRequest | Request") -> Client:
    agent = request.META.get("HTTP_USER_AGENT", "")
    return Client(
        address=client_address(request),
        # Headers are Latin-1 and may hold anything; the log and the staff site show it.
        user_agent="".join(character for character in agent if character.isprintable())[:MAX_USER_AGENT_LENGTH],
        request_id=getattr(request, "request_id", ""),
    )
