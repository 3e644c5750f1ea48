import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import HttpRequest

if TYPE_CHECKING:
    from rest_framework.request import Request

MAX_USER_AGENT_LENGTH: Final = 255
# What a request through a Unix socket comes from, and anything else that is no address.
UNKNOWN: Final = "unknown"
IPV6_SITE_BITS: Final = 64
# Some proxies write the port as well.
WITH_PORT: Final = re.compile(r"\[(?P<six>[^\]]*)\](?::\d*)?|(?P<four>[0-9.]+):\d*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from, for sessions and the security log."""

    address: str
    user_agent: str
    request_id: str
    # Who acts on somebody else: a staff member's id. Empty: whoever sits at the server. None: nobody but the subject.
    actor: str | None = None


def command(name: str) -> Client:
    """Whoever sits at the server's own terminal."""
    return Client(address="", user_agent=f"manage.py {name}", request_id="", actor="")


def client_of(request: "HttpRequest | Request") -> Client:
    agent = request.META.get("HTTP_USER_AGENT", "")
    return Client(
        address=client_address(request),
        # Headers are Latin-1 and may hold anything; the log and the staff site show it.
        user_agent="".join(character for character in agent if character.isprintable())[:MAX_USER_AGENT_LENGTH],
        request_id=getattr(request, "request_id", ""),
    )


def client_address(request: "HttpRequest | Request") -> str:
    """The client's address in its shortest spelling, or ``UNKNOWN``.

    It is the socket's, unless ``TRUSTED_PROXIES`` says how many proxies there are: each appends
    whom it heard from to ``X-Forwarded-For``, so the client is that many entries from the right.
    What stands further left is the client's own invention. A header that is too short or holds no
    address there did not come through the proxies; then it is the socket's address that counts.
    """
    entry = _forwarded(request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
    address = parse_address(entry) or parse_address(request.META.get("REMOTE_ADDR", ""))
    return str(address) if address else UNKNOWN


def group_address(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 one, which is one site's."""
    parsed = parse_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed), IPV6_SITE_BITS), strict=False))
    return str(parsed or UNKNOWN)


def parse_address(text: str) -> Address | None:
    """IPv4-mapped IPv6 is the IPv4 address it stands for; a zone and a port are left out."""
    text = text.strip()
    if match := WITH_PORT.fullmatch(text):
        text = match["six"] or match["four"] or ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _forwarded(header: str, proxies: int) -> str:
    if not proxies:
        return ""
    entries = header.rsplit(",", proxies)
    return entries[-proxies] if len(entries) >= proxies else ""
