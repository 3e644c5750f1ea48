"""``make converge``: a small run on the suite's database, and that its audit tells what it is for."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tasks.models import Kind, Via
from testing.chaos.place import GENEROUS
from testing.converge import audit
from testing.converge.audit import Entry, find_faults
from testing.converge.crowd import Size, run
from testing.converge.replica import Change
from testing.databases import copied_database
from testing.service import Server, serving

SEED = 17


@pytest.fixture
def url(template: str, tmp_path: Path) -> Iterator[str]:
    with copied_database(template, tmp_path) as url:
        yield url


@pytest.fixture
def servers(url: str, tmp_path: Path) -> Iterator[list[Server]]:
    settings = {**GENEROUS, "DATABASE_URL": url, "WEB_CONCURRENCY": "1"}
    with ExitStack() as stack:
        yield [stack.enter_context(serving(tmp_path / f"{number}.log", settings)) for number in range(2)]


def test_replicas_come_to_the_same_whatever_is_cut_and_killed(servers: list[Server], url: str) -> None:
    findings = run(SEED, Size(6, 150, 1.0), servers, url)

    assert findings.faults == []
    assert findings.operations == 150
    assert findings.changes >= 100
    assert findings.cuts


CREATION = Change("create", "here-1", {"title": "1-0"}, was_done=True)
EDIT = Change("update", "here-1", {"description": "1-1"}, was_done=True)
REFUSED = Change("update", "here-1", {"description": "1-2"}, was_done=False)
DELETION = Change("delete", "here-1", was_done=True)
CHANGES = [CREATION, EDIT, REFUSED, DELETION]
JOURNAL = [
    Entry(1, Kind.CREATED, Via.API, {"title": [None, "1-0"]}),
    Entry(2, Kind.CHANGED, Via.BULK, {"description": [None, "1-1"]}),
    Entry(3, Kind.TRASHED, Via.BULK, {"deleted_at": [None, "2026-01-14T10:00:00.000000Z"]}),
    Entry(4, Kind.RESTORED, Via.API, {"deleted_at": ["2026-01-14T10:00:00.000000Z", None]}),
]


def test_the_audit_finds_nothing_where_all_is_well() -> None:
    assert [*find_faults(JOURNAL, CHANGES)] == []


@pytest.mark.parametrize(
    ("journal", "changes", "fault"),
    [
        (JOURNAL[1:], CHANGES, "lost: 1-0"),
        ([JOURNAL[0], *JOURNAL[2:]], CHANGES, "lost: 1-1"),
        ([*JOURNAL, JOURNAL[0]], CHANGES, "applied twice, or refused and applied: 1-0"),
        ([*JOURNAL, JOURNAL[1]], CHANGES, "applied twice, or refused and applied: 1-1"),
        (
            [*JOURNAL, Entry(5, Kind.CHANGED, Via.BULK, {"description": ["1-1", "1-2"]})],
            CHANGES,
            "applied twice, or refused and applied: 1-2",
        ),
        (JOURNAL[:2], CHANGES, "1 deletions were acknowledged, 0 done"),
        ([*JOURNAL, JOURNAL[2]], CHANGES, "1 deletions were acknowledged, 2 done"),
        (JOURNAL, [*CHANGES, Change("update", "here-1", {"description": "1-3"})], "never answered"),
        ([*JOURNAL[:3], JOURNAL[3]._replace(version=5)], CHANGES, "the numbers have gaps"),
    ],
)
def test_the_audit_finds_what_was_lost_or_done_twice(journal: list[Entry], changes: list[Change], fault: str) -> None:
    assert fault in [*find_faults(journal, changes)]


def test_the_audit_reads_the_journal_as_it_is_written() -> None:
    assert (audit.CREATED, audit.TRASHED) == (Kind.CREATED, Kind.TRASHED)
    assert (audit.API, audit.BULK) == (Via.API, Via.BULK)
