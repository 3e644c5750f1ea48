import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(instant: datetime) -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7) for ``instant``, to the microsecond.

    The twelve bits after the version hold the fraction of the millisecond (section 6.2, method 3),
    so ids sort exactly as the instants they were made from: ordering by id is ordering by creation.
    """
    microseconds = (instant - EPOCH) // timedelta(microseconds=1)
    milliseconds, rest = divmod(microseconds, 1000)
    fraction = rest * 4096 // 1000
    high = milliseconds << 16 | 0x7000 | fraction
    low = 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=high << 64 | low)
