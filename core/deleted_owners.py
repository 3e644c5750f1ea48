from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection

from core.errors import Unauthenticated, token_invalid


@contextmanager
def stored_for(user_id: str) -> Iterator[None]:
    """Raises ``Unauthenticated`` where rows could not be stored because their owner was deleted meanwhile.

    Foreign keys are checked at the end of a transaction, so this goes around the outermost one; inside
    of another it leaves the matter to that one.
    """
    is_outermost = not connection.in_atomic_block
    try:
        yield
    except IntegrityError as error:
        gone = caller_is_gone(user_id) if is_outermost else None
        if gone is None:
            raise
        raise gone from error


def caller_is_gone(user_id: str) -> Unauthenticated | None:
    """What to raise when a row could not be stored because its owner was deleted after the token was checked."""
    return None if get_user_model().objects.filter(id=user_id).exists() else token_invalid()
