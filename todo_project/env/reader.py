"""Typed reads of text settings, and the parsers for the kinds of value they hold.

A parser takes the text and raises ``ValueError`` with the end of a sentence that starts with the
variable's name ("must be ..."). It never quotes the text, which may be a secret.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from core.limits.allowances import Rate

T = TypeVar("T")

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# An origin, or a pattern for one: "https://*.example.com" stands for any single label.
ORIGIN: Final = re.compile(r"https?://(\*\.)?[a-z0-9._-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
# What a phone's or a desktop's web view says, and a browser's extension: the host is the app's own word.
APP_ORIGIN: Final = re.compile(r"(capacitor|ionic|tauri|[a-z]+(-[a-z]+)*-extension)://[a-z0-9][a-z0-9._-]*")
HOST: Final = re.compile(r"\.?[a-z0-9_-][a-z0-9._-]*|\[[0-9a-f:.]+\]|\*")
RATE: Final = re.compile(r"([0-9]{1,7})/(s|sec|second|m|min|minute|h|hour|d|day)")
PERIODS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


# One letter of eight: DATABASE_URI, and not TEST_DATABASE_URL.
ALIKE: Final = 0.85


def default(value: T | None, otherwise: T) -> T:
    """For settings whose 0, no or empty list is a value of its own."""
    return otherwise if value is None else value


class EnvError(Exception):
    """A setting is missing or makes no sense; the message is one line and names it."""


class Reader:
    """Reads one mapping of names to texts. An empty value counts as not set."""

    def __init__(self, source: Mapping[str, str]) -> None:
        self._source = {name: value.strip() for name, value in source.items() if value.strip()}
        self._given = frozenset(source)
        self._preferred: Mapping[str, str] = {}
        self.warnings: list[str] = []
        # Every name asked for, aliases included.
        self.names: set[str] = set()

    def prefer(self, values: Mapping[str, str]) -> None:
        """What to read where neither a setting nor one of its aliases is set."""
        self._preferred = values

    def near_misses(self) -> list[str]:
        """A line for each name that is none of a setting and looks like one; once all have been read."""
        unknown = sorted(self._given - self.names)
        found = ((name, get_close_matches(name.upper(), self.names, n=1, cutoff=ALIKE)) for name in unknown)
        return [f"{name} is no setting of the service; {names[0]} is." for name, names in found if names]

    def read(self, parse: Callable[[str], T], *names: str) -> T | None:
        """The first of ``names`` that is set, parsed; the others are its aliases.

        Raises ``EnvError`` naming the variable at fault.
        """
        return self.read_each(*((name, parse) for name in names))

    def read_each(self, *readings: tuple[str, Callable[[str], T]]) -> T | None:
        """As ``read``, for aliases whose values are written differently from each other."""
        self.names.update(name for name, _ in readings)
        found = self._find(self._source, readings)
        if not found:
            return next((value for _, value in self._find(self._preferred, readings)), None)
        winner, value = found[0]
        for name, other in found[1:]:
            if other != value:
                self.warnings.append(f"{name} differs from {winner}, which wins.")
        return value

    def read_unless_empty(self, parse: Callable[[str], T], default: T, name: str) -> T | None:
        """For a setting that is switched off by an empty value: that is None."""
        value = self.read(parse, name)
        if value is None and name not in self._given:
            return default
        return value

    def _find(
        self, source: Mapping[str, str], readings: Sequence[tuple[str, Callable[[str], T]]]
    ) -> list[tuple[str, T]]:
        return [(name, self._parse(name, source[name], parse)) for name, parse in readings if name in source]

    def _parse(self, name: str, value: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(value)
        except ValueError as error:
            # The cause may quote the value: leave it out of the chain.
            raise EnvError(f"{name} {error}.") from None


def text(value: str) -> str:
    # Bytes that are not UTF-8 arrive as surrogates, which are not printable either.
    if not value.isprintable():
        raise ValueError("must be UTF-8 text without control characters")
    return value


def secret(min_bytes: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if len(text(value).encode()) < min_bytes:
            raise ValueError(f"must be at least {min_bytes} bytes long")
        return value

    return parse


def integer(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def time_of_day(value: str) -> time:
    match = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value)
    if match is None:
        raise ValueError("must be a time of day, such as 03:00")
    return time(int(match[1]), int(match[2]))


def boolean(value: str) -> bool:
    match value.lower():
        case "true" | "1" | "yes" | "on":
            return True
        case "false" | "0" | "no" | "off":
            return False
    raise ValueError("must be true or false")


def choice(*options: str) -> Callable[[str], str]:
    folded = {option.lower(): option for option in options}

    def parse(value: str) -> str:
        try:
            return folded[value.lower()]
        except KeyError:
            raise ValueError(f"must be one of {', '.join(options)}") from None

    return parse


def rate(value: str) -> Rate:
    match = RATE.fullmatch(value.lower())
    if match is None or int(match[1]) == 0:
        raise ValueError("must look like 5/min (units: s, min, hour, day)")
    return Rate(int(match[1]), PERIODS[match[2][0]])


def url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        parts = split_url(value)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"must be a URL that starts with {' or '.join(f'{s}://' for s in schemes)}")
        return value

    return parse


def split_url(value: str) -> SplitResult:
    """Raises ``ValueError`` also for a port or an address that is none."""
    try:
        parts = urlsplit(text(value))
        _ = parts.port
    except ValueError:
        raise ValueError("must be a valid URL") from None
    if " " in value:
        raise ValueError("must be a valid URL")
    return parts


def origin(url: str) -> str:
    """As a browser writes it (RFC 6454, section 6.2): lower case, no user, no default port."""
    parts = split_url(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (
        "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    )


def words(value: str) -> tuple[str, ...]:
    """A comma list or a JSON list of texts. ("[::1],example.com" only looks like JSON.)"""
    if not re.match(r'\[\s*("|\])', value):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise ValueError("must be a comma-separated list or a JSON list of texts")
    return tuple(word.strip() for word in found if word.strip())


def origins(value: str) -> tuple[str, ...]:
    """Origins and patterns for them."""
    found = tuple(word.lower().removesuffix("/") for word in words(value))
    if not all(ORIGIN.fullmatch(word) for word in found):
        raise ValueError("must list origins such as https://app.example.com or https://*.example.com")
    return tuple(origin(word) for word in found)


def readers(value: str) -> tuple[str, ...]:
    """Who may read answers: origins, those of apps too, or anybody."""
    found = words(value)
    if found == ("*",):
        return found
    apps = tuple(word.lower().removesuffix("/") for word in found if APP_ORIGIN.fullmatch(word.lower().rstrip("/")))
    return origins(",".join(word for word in found if word.lower().removesuffix("/") not in apps)) + apps


def hosts(value: str) -> tuple[str, ...]:
    found = tuple(host.lower() for host in words(value))
    if not all(HOST.fullmatch(host) for host in found):
        raise ValueError("must list host names without scheme, port or path")
    return found


def address(value: str) -> str:
    """What to listen on: an IP address, in brackets or not, or a host name."""
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    try:
        return str(ip_address(bare))
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", value):
            raise ValueError("must be an IP address or a host name") from None
    return value
