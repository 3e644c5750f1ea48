"""Instants that need no calendar: "in 20 minutes", "an hour and a half from now", RFC 3339."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from assistant.understanding.dates.words import NUMBER, number_of

MOST: Final = 9
MINUTE: Final = r"(?:minutes?|mins?)"
HOUR: Final = r"(?:hours?|hrs?|hr)"
SPAN: Final = (
    rf"(?:(?P<half>half an hour|half hour)|(?:(?P<hours>\d{{1,3}}(?:\.\d)?|{NUMBER}) ?{HOUR}"
    rf"(?P<and_half> and a half)?(?:,? (?:and )?(?P<more>{NUMBER}) {MINUTE})?|(?P<short>\d{{1,3}}) ?h"
    rf"|(?P<hour_and_half>one and a half hours))|(?P<minutes>{NUMBER}) ?{MINUTE}|(?P<short_minutes>\d{{1,4}}) ?m)"
)
SOON: Final = re.compile(
    rf"(?<![\w#@/-])(?:(?:in|within)(?: about| around| the next)? {SPAN}(?: time|['’]s? time)?(?![\w-])"
    rf"|(?=(?:half|\w+(?:\.\d)?|a couple|a few)[\w .]{{0,40}} from now){SPAN.replace('?P<', '?P<b_')} from now)(?: or"
    rf" so)?",
    re.IGNORECASE,
)
INSTANT: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)(?!\w)", re.IGNORECASE
)

Span = tuple[int, int]


def find_instants(text: str, now: datetime) -> Iterator[tuple[Span, datetime]]:
    for match in islice(INSTANT.finditer(text), MOST):
        try:
            yield (
                match.span(),
                datetime.fromisoformat(match.group().upper().replace(" ", "T", 1)).astimezone(now.tzinfo),
            )
        except (ValueError, OverflowError):
            continue
    for match in islice(SOON.finditer(text), MOST):
        at = (now.astimezone(UTC) + read_span(match)).astimezone(now.tzinfo).replace(microsecond=0)
        yield match.span(), at


def read_span(match: re.Match[str]) -> timedelta:
    """Of a match of ``SPAN``."""
    found = {name.removeprefix("b_"): text.lower() for name, text in match.groupdict().items() if text}
    if "half" in found:
        return timedelta(minutes=30)
    if "hour_and_half" in found:
        return timedelta(minutes=90)
    if minutes := found.get("minutes") or found.get("short_minutes"):
        return timedelta(minutes=number_of(minutes))
    said = found.get("hours") or found["short"]
    hours = float(said) if "." in said else number_of(said)
    more = number_of(found["more"]) if "more" in found else 30 if "and_half" in found else 0
    return timedelta(minutes=round(hours * 60) + more)
