import re
from datetime import UTC, datetime
from typing import Final

# RFC 3339, section 5.6. Without an offset an instant is anybody's guess.
TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


def parse_timestamp(text: str) -> datetime:
    """Raises ``ValueError`` for what is no RFC 3339, or no instant of the years 1 to 9999 in UTC."""
    if not TIMESTAMP.fullmatch(text):
        raise ValueError("no RFC 3339 timestamp")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


def format_timestamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
