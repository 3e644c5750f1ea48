"""What is measured beside the service: peers, its own older self, itself without policies."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
import pytest

from bench import bars, database, earlier, lab, load, report, services
from bench.calls import Caller
from bench.load import Figures
from bench.services import ELYSIA, PEERS, SERVICE, WITHOUT_POLICIES, running
from testing.databases import copied_database

FIGURES: Final = Figures(rate=100, cpu=1, database_cpu=0.5, p50=10, p95=20, p99=30)
EARLIER: Final = "commit 1234567"
COUNT: Final = 30


def results_with(**others: Figures) -> bars.Results:
    """All alike but ``others``, by the end of their name."""
    names = [SERVICE, WITHOUT_POLICIES, EARLIER, *(peer.name for peer in PEERS)]
    measured = {
        scenario.key: {
            name: [next((found for end, found in others.items() if name.endswith(end)), FIGURES)]
            for name in names
            if name not in scenario.leaves_out
        }
        for scenario in load.SCENARIOS
    }
    return bars.Results(measured, {10: (1, 1), 20: (1, 1)}, 90, {"raw": 50, "orm": 500}, frozenset(), EARLIER)


def missed(results: bars.Results) -> set[str]:
    return {bar.what for bar in bars.judge(results) if not bar.is_met}


@pytest.mark.once
def test_each_peer_with_a_bar_is_driven_where_it_has_one() -> None:
    what = {bar.what for bar in bars.judge(results_with())}

    assert len([text for text in what if "requests per second against" in text]) == len(bars.RATIOS)
    assert not [bar for bar in bars.judge(results_with()) if bar.found == "not measured"]


@pytest.mark.once
def test_a_bar_against_who_was_not_measured_is_missed() -> None:
    results = results_with()
    for measured in results.measured.values():
        measured.pop(ELYSIA, None)

    assert f"list of 1000, requests per second against {ELYSIA}" in missed(results)


@pytest.mark.once
def test_a_call_that_takes_more_than_it_did_at_an_earlier_commit_misses_its_bar() -> None:
    what = f"get one, CPU against {EARLIER}"

    assert what not in missed(results_with(**{"1234567": replace(FIGURES, cpu=1 / 1.02)}))
    assert what in missed(results_with(**{"1234567": replace(FIGURES, cpu=1 / 1.04)}))


@pytest.mark.once
def test_the_report_says_what_policies_and_later_commits_cost() -> None:
    text = report.of_tasks(
        results_with(off=replace(FIGURES, database_cpu=0.4)), [], {"users": 1, "tasks": 1, "connections": 16}
    )

    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| get")]
    assert ["get one", WITHOUT_POLICIES, "100 : 100 = 1.00", "1.00 : 1.00 = 1.00", "0.50 : 0.40 = 1.25"] in rows
    assert ["get one", EARLIER, "100 : 100 = 1.00", "1.00 : 1.00 = 1.00", "0.50 : 0.50 = 1.00"] in rows


@pytest.mark.once
def test_a_run_without_bun_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(services, "BUN", tmp_path / "bun")

    assert [peer.name for peer in services.installed_peers()] == [peer.name for peer in PEERS if peer.name != ELYSIA]
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "Bun is not installed" in said


@pytest.fixture(scope="module")
def own(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """The service's database, a user's id and token."""
    with copied_database(template, tmp_path_factory.mktemp("bench")) as url:
        [[user_id, token]] = lab.inside(url, "mint", "1")
        database.fill_service(url, [(user_id, COUNT)])
        yield url, user_id, token


@pytest.mark.postgresql
def test_another_commit_answers_the_benchs_users_too(own: tuple[str, str, str], template: str, tmp_path: Path) -> None:
    url, user_id, token = own
    service = earlier.unpack("HEAD", tmp_path / "code")

    with copied_database(template, tmp_path) as copy:
        database.copy_people(copy, url)
        database.fill_service(copy, [(user_id, COUNT)])
        with (
            running(service, copy, tmp_path) as running_one,
            closing(Caller(running_one.base, user_id, token)) as caller,
        ):
            assert caller.send("GET", "?limit=20")["meta"]["count"] == 20
            assert running_one.database.cpu_seconds() > 0
    assert (service.home / "manage.py").exists()
    assert not (service.home / ".git").exists()


@pytest.mark.once
def test_a_commit_that_there_is_not_ends_the_run_with_gits_word() -> None:
    with pytest.raises(SystemExit, match=r"git rev-parse .*no-such-commit"):
        earlier.unpack("no-such-commit", Path())


@pytest.mark.postgresql
def test_without_policies_rows_are_open_to_who_names_nobody(template: str, tmp_path: Path) -> None:
    with copied_database(template, tmp_path) as url:
        [[user_id, _]] = lab.inside(url, "mint", "1")
        database.fill_service(url, [(user_id, COUNT)])
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM tasks_task").fetchone() == (0,)
        database.switch_policies_off(url)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM tasks_task").fetchone() == (COUNT,)
