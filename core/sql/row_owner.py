"""Whose rows the statements of this request, command or block are for.

PostgreSQL's row security shows each owner's rows to their owner alone (``postgresql/policies.py``). Who that is
stands here, in one context variable; ``postgresql/row_security.py`` tells the server before each statement. Where
nobody is named, the owned tables look empty. SQLite has no row security: there each statement's own ``user_id`` is all.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol

from core.sql import serving

logger = logging.getLogger(__name__)

# No user id: the policies take it for every owner (contract section 1 allows no asterisk in one).
EVERYBODY: Final = "*"


class Proof(Protocol):
    """A caller by what they presented, which the database has not been asked about yet."""

    user_id: str

    @property
    def sql(self) -> str:
        """A SELECT of one row while the caller may come in, with ``values`` for its ``%s``: their id, whether
        ``note`` is due, and the call that opens their rows.
        """

    @property
    def values(self) -> Sequence[Any]: ...

    @property
    def is_beside_rows(self) -> bool:
        """Whether ``sql`` asks of users and owned tables alone, which Citus has where this caller's rows are."""

    def note(self) -> None:
        """What is written down now and then about a caller who came in."""

    def prove(self) -> None:
        """Asks by statements of its own. Raises ``Unauthenticated``."""


_owner: Final[ContextVar[str | Proof | None]] = ContextVar("row_owner", default=None)
_reasons: set[str] = set()


def current() -> str | None:
    """A user id, ``EVERYBODY``, or None: nobody's rows. Proves a caller who was only presented."""
    prove()
    owner = _owner.get()
    return owner if isinstance(owner, str) else None


def unproven() -> Proof | None:
    owner = _owner.get()
    return None if isinstance(owner, str) else owner


def present(proof: Proof) -> None:
    """From here on the next statement on owned rows proves this caller first, or as a part of itself."""
    _owner.set(proof)


def prove() -> None:
    """Raises ``Unauthenticated``; nothing where no caller was presented, or who was is proven."""
    proof = unproven()
    if proof is None:
        return
    _owner.set(None)
    proof.prove()
    _owner.set(proof.user_id)


def accept(proof: Proof, *, is_due: bool) -> None:
    """A statement has let this caller in, and opened their rows until the end of its transaction."""
    if is_due:
        with rows_of(None):
            proof.note()
    _owner.set(proof.user_id)


def show_rows_of(user_id: str) -> None:
    """From here to the end of the enclosing block, which need not ask who is calling."""
    _owner.set(user_id)


@contextmanager
def rows_of(user_id: str | None) -> Iterator[None]:
    """This owner's rows, or nobody's; also ends what was said inside."""
    token = _owner.set(user_id)
    try:
        yield
    finally:
        _owner.reset(token)


@contextmanager
def all_rows(reason: str) -> Iterator[None]:
    """For what rightly sees everybody's rows: staff, commands. Logged once a process and reason."""
    with rows_of(None):
        show_all_rows(reason)
        yield


def show_all_rows(reason: str) -> None:
    """As ``all_rows``, to the end of the enclosing block."""
    if reason not in _reasons:
        _reasons.add(reason)
        # A command is its operator's own act, and its output theirs to read.
        if not serving.is_command:
            logger.info("Everybody's rows are open to: %s", reason)
    _owner.set(EVERYBODY)
