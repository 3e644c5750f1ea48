import re
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

CANONICAL_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(instant: datetime | None = None) -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7) for ``instant`` (now), to the microsecond.

    The twelve bits after the version hold the fraction of the millisecond (section 6.2, method 3),
    so ids sort exactly as the instants they were made from: ordering by id is ordering by creation.
    """
    microseconds = ((instant or datetime.now(UTC)) - EPOCH) // timedelta(microseconds=1)
    milliseconds, rest = divmod(microseconds, 1000)
    fraction = rest * 4096 // 1000
    high = milliseconds << 16 | 0x7000 | fraction
    low = 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=high << 64 | low)


def parse_uuid(text: str) -> uuid.UUID | None:
    """The id in a path, or None for anything but its canonical spelling.

    ``uuid.UUID`` would also take braces, "urn:uuid:" and missing hyphens.
    """
    return uuid.UUID(text) if CANONICAL_UUID.fullmatch(text) else None
