import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import cast, database, report, slow, turns
from bench.cast import Person
from bench.crowd import SlowModel, crowd
from bench.services import THE_SERVICE, WORKERS, production, running
from bench.watching import watching
from testing.databases import copied_database
from testing.model_server import MODEL, ModelServer
from testing.service import ROOT, output

PEOPLE = 12


@pytest.fixture(scope="module")
def own_url(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with copied_database(template, tmp_path_factory.mktemp("bench")) as url:
        yield url


@pytest.fixture(scope="module")
def people(own_url: str) -> list[Person]:
    minted = json.loads(output(("-m", "bench.inside.mint", str(PEOPLE)), production(own_url)))
    found = [(user_id, token) for user_id, token in minted]
    database.fill_service(own_url, [(user_id, cast.KNOWN_TASKS) for user_id, _ in found])
    return found


@pytest.mark.once
def test_a_part_measured_alone_leaves_the_others_chapter_to_the_letter() -> None:
    tasks, chat, _ = (f"# {heading}\n\n- 2026-11-20\n\n## The bars\n\n| a |\n" for heading in report.CHAPTERS)
    both = report.merge("", {report.CHAT: chat, report.TASKS: tasks})

    newer = chat.replace("20\n", "21\n")

    assert both == f"{tasks}\n{chat}"
    assert report.merge(both, {}) == both
    assert report.merge(both, {report.CHAT: newer}) == f"{tasks}\n{newer}"
    assert report.merge(tasks, {report.CHAT: newer}) == f"{tasks}\n{newer}"
    assert report.merge(chat, {report.TASKS: tasks}) == both


@pytest.mark.once
def test_the_results_are_what_the_bench_writes() -> None:
    kept = (ROOT / "bench" / "RESULTS.md").read_text()

    assert report.merge(kept, {}) == kept


@pytest.mark.postgresql
def test_each_kind_of_turn_does_what_it_is_measured_for(own_url: str, people: list[Person], tmp_path: Path) -> None:
    with running(THE_SERVICE, own_url, tmp_path) as service:
        made = turns.casts(service, people, cast.known_tasks(own_url, people), tmp_path)

    assert set(made) == {kind.title for kind in turns.KINDS}
    assert all(path.read_text().count("bodies = ") == PEOPLE for path in made.values())


@pytest.mark.postgresql
def test_a_crowd_is_let_in_by_seats_and_the_rest_is_told_when_to_come_again(
    own_url: str, people: list[Person], tmp_path: Path
) -> None:
    # Longer than a machine with much else to do takes to have all of them come, or holds up a transaction.
    model = SlowModel(seconds=4)
    with ModelServer(always=model) as server:
        service = slow.with_model(server.base_url)
        with (
            running(service, own_url, tmp_path) as started,
            watching(started, own_url) as held,
            crowd(started.base, people, 1.5) as counts,
        ):
            pass

    assert model.most_at_once <= slow.SEATS * WORKERS
    assert counts.answered >= model.most_at_once >= slow.SEATS
    assert counts.refused >= PEOPLE - slow.SEATS * WORKERS
    assert not counts.others
    assert {request.body["model"] for request in server.requests} == {MODEL}
    # None is held while the model thinks.
    assert held.transaction_seconds < 4
    assert held.threads > 1
    assert held.connections > 0
