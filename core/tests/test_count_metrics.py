from pathlib import Path

import pytest

from core.telemetry import metrics
from testing.service import output

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _none_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "declared", [])
    monkeypatch.setattr(metrics, "_registry", None)
    monkeypatch.delenv(metrics.FOLDER, raising=False)


def test_until_it_starts_nothing_is_counted() -> None:
    calls = metrics.Counter("calls", "Calls.", "kind")
    seconds = metrics.Histogram("seconds", "Seconds.")
    open_now = metrics.Gauge("open_now", "Open.")
    calls.count("a")
    seconds.observe(1.0)
    open_now.set(3)
    assert not metrics.are_on()

    metrics.start()

    assert metrics.are_on()
    told = metrics.exposition().decode()
    assert "calls_total{" not in told
    assert "seconds_count 0.0" in told
    assert "open_now 0.0" in told


def test_what_is_declared_before_and_after_is_counted_by_its_labels() -> None:
    before = metrics.Counter("before", "Before.", "kind", "way")
    metrics.start()
    after = metrics.Histogram("after", "After.", "kind")
    gauge = metrics.Gauge("gauge", "Gauge.")

    before.count("a", "x")
    before.count("a", "x", by=4)
    before.count("b", "x")
    after.observe(0.3, "a")
    after.observe(7.0, "a")
    gauge.set(2)
    gauge.set(5)
    # Once more begins nothing anew.
    metrics.start()

    told = metrics.exposition().decode().splitlines()
    for line in (
        'before_total{kind="a",way="x"} 5.0',
        'before_total{kind="b",way="x"} 1.0',
        'after_bucket{kind="a",le="0.25"} 0.0',
        'after_bucket{kind="a",le="0.5"} 1.0',
        'after_count{kind="a"} 2.0',
        "gauge 5.0",
    ):
        assert line in told, line


PROCESSES = """
import os
from core.telemetry import metrics

calls = metrics.Counter("calls", "Calls.")
waiting = metrics.Gauge("waiting", "Waiting.")
metrics.start()
for _ in range(3):
    child = os.fork()
    if not child:
        calls.count(by=2)
        waiting.set(1)
        os._exit(0)
    os.waitpid(child, 0)
waiting.set(4)
print(child)
"""


def test_several_processes_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = int(output(("-c", PROCESSES), {metrics.FOLDER: str(tmp_path)}))
    metrics.start()
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))

    def told() -> list[str]:
        # In the order of their files.
        lines = metrics.exposition().decode().splitlines()
        return sorted(line for line in lines if line.startswith(("calls_total ", "waiting ")))

    assert told() == ["calls_total 6.0", "waiting 7.0"]
    metrics.forget_process(last)
    # The last one to end takes what it is at with it, and not what it counted.
    assert told() == ["calls_total 6.0", "waiting 6.0"]
