"""``X-Undo``: which changes may be taken back, signed for their owner and for a quarter of an hour."""

from datetime import timedelta
from typing import Final

from django.core import signing
from django.utils import timezone

from core.errors import Invalid
from tasks.entries import Span

LIFETIME: Final = timedelta(minutes=15)
HEADER: Final = "X-Undo"


def undo_headers(user_id: str, number: int | None) -> dict[str, str]:
    """Of an answer to this change; none where there was none, or none that can be taken back."""
    return headers_of("" if number is None else make_token(user_id, Span(number, number)))


def headers_of(token: str) -> dict[str, str]:
    return {HEADER: token} if token else {}


def make_token(user_id: str, span: Span) -> str:
    """Empty where nothing changed."""
    if span.last < span.first:
        return ""
    return _signer(user_id).sign(f"{span.first}-{span.last}-{int(timezone.now().timestamp())}")


def read_token(user_id: str, token: str) -> Span:
    """Raises ``Invalid`` for one that is made up, another's or too old."""
    try:
        first, last, at = map(int, _signer(user_id).unsign(token).split("-"))
    except (signing.BadSignature, ValueError) as error:
        raise invalid() from error
    if timezone.now().timestamp() - at > LIFETIME.total_seconds():
        raise invalid()
    return Span(first, last)


def _signer(user_id: str) -> signing.Signer:
    return signing.Signer(salt=f"undo {user_id}")


def invalid() -> Invalid:
    return Invalid("undo_invalid", field="undo")
