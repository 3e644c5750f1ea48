"""An issuer's keys as this process knows them: in memory, kept in the database, refetched with restraint."""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from jwt import PyJWK

from accounts.models import IssuerKeys
from accounts.tokens import key_parsing
from accounts.tokens.key_parsing import FETCH_SECONDS, FetchError, Key
from core.errors import Unavailable, token_invalid

logger = logging.getLogger(__name__)

# Between two fetches of one process, whether the first succeeded or failed.
FETCH_INTERVAL_SECONDS: Final = 5.0
# An issuer that changes its key lists the old one and the new one for a while.
MAX_TRIED: Final = 4
# From here on the keys are looked up again, without anybody waiting for it.
STALE_AFTER: Final = timedelta(minutes=5)
# From here on a caller waits for it: the issuer may have withdrawn the key long ago.
DOUBTFUL_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    document: str
    keys: tuple[Key, ...]
    fetched_at: datetime

    def candidates(self, kid: str | None, algorithm: str) -> list[PyJWK]:
        return [key.jwk for key in self.keys if key.algorithm == algorithm and kid in (None, key.kid)]

    def is_older_than(self, age: timedelta) -> bool:
        return timezone.now() - self.fetched_at > age


class KeySet:
    """One fetch at a time, in a thread of its own: who knows the key of their token never waits for it, and of the
    others one at most.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._fetch: Future[Snapshot] | None = None
        self._next_fetch_at = 0.0
        self._is_failing = False
        # Held by the one who waits for a fetch: who waits holds a thread that serves requests.
        self._waiting = threading.Lock()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="jwks")

    def find(self, kid: str | None, algorithm: str) -> list[PyJWK]:
        """The one key of this id; without an id, those of this algorithm, ``MAX_TRIED`` at most.

        Raises ``Unauthenticated`` if there is none such or more, ``Unavailable`` while nothing is known of the
        issuer's keys.
        """
        snapshot = self._newest() or self._stored()
        if snapshot is None or not snapshot.candidates(kid, algorithm):
            snapshot = self._refetched(must_wait=True)
        elif snapshot.is_older_than(STALE_AFTER):
            # Nobody waits again and again for an issuer that is away.
            snapshot = self._refetched(must_wait=snapshot.is_older_than(DOUBTFUL_AFTER) and not self._is_failing)
        if snapshot is None:
            raise Unavailable("issuer_unavailable")
        found = snapshot.candidates(kid, algorithm)
        if not 1 <= len(found) <= (MAX_TRIED if kid is None else 1):
            raise token_invalid()
        return found

    def find_newer(self, algorithm: str, tried: Sequence[PyJWK]) -> list[PyJWK]:
        """As ``find`` without an id, once none of ``tried`` was the key: what a new fetch gives, where one is due."""
        snapshot = self._refetched(must_wait=True)
        found = snapshot.candidates(None, algorithm) if snapshot else []
        return [key for key in found[:MAX_TRIED] if key not in tried]

    def _stored(self) -> Snapshot | None:
        """What any process fetched last, also before a restart."""
        row = IssuerKeys.objects.filter(url=self._url).first()
        if row is None:
            return None
        try:
            snapshot = Snapshot(row.document, key_parsing.read_keys(row.document), row.fetched_at)
        except ValueError as error:
            logger.warning("The stored keys of the issuer are not usable: %s", error)
            return None
        with self._lock:
            self._snapshot = self._snapshot or snapshot
            return self._snapshot

    def _refetched(self, *, must_wait: bool) -> Snapshot | None:
        fetch = self._start_fetch()
        if fetch and must_wait and self._waiting.acquire(blocking=False):
            try:
                wait([fetch], timeout=FETCH_SECONDS)
            finally:
                self._waiting.release()
        return self._newest()

    def _start_fetch(self) -> Future[Snapshot] | None:
        """The fetch under way, or a new one unless the last is too recent."""
        with self._lock:
            if self._fetch is None and time.monotonic() >= self._next_fetch_at:
                self._next_fetch_at = time.monotonic() + FETCH_INTERVAL_SECONDS
                self._fetch = self._executor.submit(_fetched, self._url)
            return self._fetch

    def _newest(self) -> Snapshot | None:
        """The known keys, with the outcome of a finished fetch taken in and stored."""
        with self._lock:
            if self._fetch is None or not self._fetch.done():
                return self._snapshot
            fetch, self._fetch = self._fetch, None
            try:
                snapshot = self._snapshot = fetch.result()
            except (FetchError, ValueError) as error:
                self._is_failing = True
                logger.warning("The issuer's keys could not be fetched: %s", error)
                return self._snapshot
            self._is_failing = False
        IssuerKeys.objects.bulk_create(
            [IssuerKeys(url=self._url, document=snapshot.document, fetched_at=snapshot.fetched_at)],
            update_conflicts=True,
            unique_fields=["url"],
            update_fields=["document", "fetched_at"],
        )
        return snapshot


def _fetched(url: str) -> Snapshot:
    document = key_parsing.fetch(url)
    return Snapshot(document, key_parsing.read_keys(document), timezone.now())


_key_sets: Final[dict[str, KeySet]] = {}


def key_set(url: str) -> KeySet:
    """The process's one set of this address."""
    return _key_sets.get(url) or _key_sets.setdefault(url, KeySet(url))


def forget() -> None:
    """As after a restart."""
    _key_sets.clear()
