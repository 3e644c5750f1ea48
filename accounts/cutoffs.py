"""Outside tokens that are refused before they expire: one that has logged out, and all issued until a cut-off."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from accounts.models import RefusedToken, TokenCutoff

# The longest that an outside token may live, and so as long as a cut-off must be remembered.
MAX_OUTSIDE_TOKEN: Final = timedelta(days=31)
# Sessions of Better Auth are prolonged while they are used, so one that is refused stays so for good.
FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


def refuse_token(subject: str, token_hash: str, expires_at: datetime) -> bool:
    """An outside token that logs out; says whether it had not yet."""
    _, is_new = RefusedToken.objects.get_or_create(
        subject=subject, token_hash=token_hash, defaults={"expires_at": expires_at}
    )
    return is_new


def refuse_until_now(subject: str) -> None:
    """Refuses every outside token of ``subject`` issued until now; also after the user is gone."""
    now = timezone.now()
    remembered_until = FOREVER if settings.BETTER_AUTH_DATABASE else now + MAX_OUTSIDE_TOKEN
    cutoff = TokenCutoff(subject=subject, issued_until=now, expires_at=remembered_until)
    TokenCutoff.objects.bulk_create(
        [cutoff], update_conflicts=True, unique_fields=["subject"], update_fields=["issued_until", "expires_at"]
    )
