import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from bench import database
from bench.calls import Caller
from bench.columns import COLUMNS
from bench.live.listeners import listening
from bench.services import THE_SERVICE, production, running
from core.ids import uuid7
from testing.databases import copied_database, empty_database
from testing.service import output

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def filled(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, list[list[str]]]]:
    """The databases of the service and of a peer, and two users of the bench with their tokens."""
    directory = tmp_path_factory.mktemp("bench")
    with copied_database(template, directory) as own, empty_database(directory) as peer:
        people = json.loads(output(("-m", "bench.inside.mint", "2"), production(own)))
        counts = [(user_id, 30) for user_id, _ in people]
        database.fill_service(own, counts)
        database.fill_peer(peer, own, counts)
        yield own, peer, people


def _rows(url: str, table: str) -> list[dict[str, Any]]:
    with database.open_rows(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY user_id, id").format(sql.Identifier(table)))
        return cursor.fetchall()


def test_every_database_of_the_bench_holds_the_same_tasks(filled: tuple[str, str, list[list[str]]]) -> None:
    own, peer, _ = filled

    service_rows, peer_rows = _rows(own, "tasks_task"), _rows(peer, "peer_task")

    assert len(service_rows) == len(peer_rows) == 60
    same = [column.name for column in COLUMNS if column.value_of_service is None and column.name in service_rows[0]]
    assert {"id", "title", "completed", "completed_at", "created_at"} <= set(same)
    assert [[row[name] for name in same] for row in service_rows] == [[row[name] for name in same] for row in peer_rows]


def test_the_ids_that_sql_makes_are_the_services_own(filled: tuple[str, str, list[list[str]]]) -> None:
    for row in _rows(filled[0], "tasks_task"):
        # All but the random end.
        assert str(row["id"])[:18] == str(uuid7(row["created_at"]))[:18]


def test_the_service_answers_the_benchs_users(filled: tuple[str, str, list[list[str]]], tmp_path: Path) -> None:
    own, _, people = filled

    with running(THE_SERVICE, own, tmp_path) as service, closing(Caller(service.base, *people[0])) as caller:
        assert caller.send("GET", "?limit=20")["meta"]["count"] == 20
        assert service.cpu_seconds() > 0
        assert 1 < service.private_megabytes() < 1000
        assert 20 < service.peak_megabytes() < 1000


def test_who_listens_hears_of_a_change(own_database: str, tmp_path: Path) -> None:
    minted = json.loads(output(("-m", "bench.inside.mint", "2"), production(own_database)))
    people = [(user_id, token) for user_id, token in minted]

    with (
        running(THE_SERVICE, own_database, tmp_path) as service,
        closing(Caller(service.base, *people[0])) as caller,
        listening(service.base, people, 2) as listeners,
    ):
        since = time.perf_counter()
        caller.send("POST", "", {"title": "New"}, expect=201)
        assert len(listeners) == 4
        assert 0 < listeners.wait_for_all(people[0][0], since) < 10
