"""What is counted for Prometheus. Whoever counts declares it beside what it counts; it costs nothing until ``start``.

Several processes add up through files in ``PROMETHEUS_MULTIPROC_DIR``, which whoever starts them sets before.
"""

import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Seconds.
BUCKETS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

declared: Final[list["Metric"]] = []
_registry: "CollectorRegistry | None" = None


class Metric:
    """``name`` is as Prometheus lists it; its series differ by ``labels``, whose values are few."""

    kind: str
    options: dict[str, Any] = {}

    def __init__(self, name: str, description: str, *labels: str) -> None:
        self.name, self.description, self.labels = name, description, labels
        self._bound: Any = None
        self._children: dict[tuple[str, ...], Any] = {}
        declared.append(self)
        if _registry is not None:
            self.bind(_registry)

    def bind(self, registry: "CollectorRegistry") -> None:
        import prometheus_client

        made = getattr(prometheus_client, self.kind)
        self._children = {}
        self._bound = made(self.name, self.description, self.labels, registry=registry, **self.options)

    def _of(self, labels: tuple[str, ...]) -> Any:
        # The library would check and convert them anew each time.
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._bound.labels(*labels) if labels else self._bound
        return child


class Counter(Metric):
    kind = "Counter"

    def count(self, *labels: str, by: int = 1) -> None:
        if self._bound is not None:
            self._of(labels).inc(by)


class Histogram(Metric):
    kind = "Histogram"
    options = {"buckets": BUCKETS}

    def observe(self, seconds: float, *labels: str) -> None:
        if self._bound is not None:
            self._of(labels).observe(seconds)


class Gauge(Metric):
    """The sum over the processes that live."""

    kind = "Gauge"
    options = {"multiprocess_mode": "livesum"}

    def set(self, value: float, *labels: str) -> None:
        if self._bound is not None:
            self._of(labels).set(value)


def are_on() -> bool:
    return _registry is not None


def start() -> None:
    """From here on all that is declared, and will be, is counted."""
    # Here: nobody else pays for it, in time or memory.
    from prometheus_client import CollectorRegistry

    global _registry
    if _registry is None:
        _registry = CollectorRegistry()
        for metric in declared:
            metric.bind(_registry)


def exposition() -> bytes:
    """All processes' together, in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    assert _registry is not None, "metrics.start() comes first"
    if FOLDER not in os.environ:
        return generate_latest(_registry)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call] # the library's own
    return generate_latest(together)


def forget_process(pid: int) -> None:
    """One that has ended: its gauges are no more, what it counted stays."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call] # the library's own
