"""W3C Trace Context: whose work a request is part of, and what is handed on to whom the service asks."""

import re
from typing import Final, NamedTuple

# Version, trace, parent, flags. Version ff is none, nor are ids of zeros; later versions may go on (section 4.3).
TRACEPARENT: Final = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[!-~]*)?", re.ASCII
)
SAMPLED: Final = 1


class Trace(NamedTuple):
    trace_id: str
    # This request's own.
    span_id: str
    # The caller's; empty: it begins here.
    parent_id: str
    is_sampled: bool

    @property
    def header(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"


def go_on(sent: str | None, trace_id: str, span_id: str) -> Trace:
    """What the caller began, or a trace of our own by ``trace_id`` where it began none that is well-formed."""
    found = TRACEPARENT.fullmatch(sent) if sent else None
    if found is None or (found[1] == "00" and found[5]):
        return Trace(trace_id, span_id, "", True)
    return Trace(found[2], span_id, found[3], bool(int(found[4], 16) & SAMPLED))
