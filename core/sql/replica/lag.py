from collections import deque

# One a second: more than is ever asked about.
KEPT = 600


class Lag:
    """How far behind a replica is: the time since the primary was where the replica is now, by the clock of who asks.

    Positions are those of the write-ahead log. The servers' own clocks are not asked, nor the time of the last
    transaction, which is long ago where nobody writes.
    """

    def __init__(self) -> None:
        self._written: deque[tuple[float, int]] = deque(maxlen=KEPT)

    def note_written(self, position: int, at: float) -> None:
        """The primary had written so far."""
        self._written.append((at, position))

    def seconds(self, replayed: int, at: float) -> float:
        """Of a replica that is at this position."""
        while self._written and self._written[0][1] <= replayed:
            self._written.popleft()
        return at - self._written[0][0] if self._written else 0.0
