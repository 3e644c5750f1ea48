import os
import subprocess
import sys
from pathlib import Path

import pytest

from testing.mutation.__main__ import score
from testing.mutation.areas import AREAS, Area, mutants_in
from testing.mutation.jobs import OPTIONS, VARIABLE, Outcome, SingleJob
from testing.mutation.mutants import changed_code, mutants_of
from testing.mutation.recording import Recording

pytestmark = pytest.mark.once

MODULE = """
import logging

logger = outages = logging.getLogger(__name__)
LIMIT: int = 3


def is_open(rows, user, now):
    if not user:
        raise LookupError("nobody")
    logger.info("asked %d", 1)
    outages.warning("away for %d s", 1)
    found = rows.filter(user_id=user, id__in=[])
    is_frequent = len(rows) == 1
    return found(is_frequent=rows == 1) and now < LIMIT


def secret():
    return secrets.token_urlsafe(32)
"""

CHANGES = """
5  3  ->  4
5  3  ->  2
9  not user  ->  user
10  without: raise LookupError('nobody')
13  rows.filter(user_id=user, id__in=[])  ->  rows.filter(id__in=[])
13  rows.filter(user_id=user, id__in=[])  ->  rows.filter(user_id=user)
15  return found(is_frequent=rows == 1) and now < LIMIT  ->  return None
15  return found(is_frequent=rows == 1) and now < LIMIT  ->  return not (found(is_frequent=rows == 1) and now < LIMIT)
15  found(is_frequent=rows == 1) and now < LIMIT  ->  found(is_frequent=rows == 1) or now < LIMIT
15  found(is_frequent=rows == 1) and now < LIMIT  ->  now < LIMIT
15  found(is_frequent=rows == 1) and now < LIMIT  ->  found(is_frequent=rows == 1)
15  now < LIMIT  ->  now <= LIMIT
19  return secrets.token_urlsafe(32)  ->  return None
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "rules.py"
    path.write_text(MODULE)
    return path


def test_the_changes_of_a_module_leave_its_logs_alone(module: Path) -> None:
    found = [f"{mutant.line}  {mutant.change}" for mutant in mutants_of(str(module))]

    assert found == CHANGES.strip().splitlines()


PARTED = """
def taken(rows):
    wait_briefly()
    list(rows.select_for_update())
    if rows is None or connection.vendor != 'postgresql':
        return rows < 1
    return rows > 2


def written(rows):
    return (5 if owner.proof else 6) if connection.vendor != 'postgresql' else 7
"""

CHANGES_ON_SQLITE = """
6  return rows < 1  ->  return None
6  return rows < 1  ->  return not rows < 1
6  rows < 1  ->  rows <= 1
6  1  ->  2
6  1  ->  0
11  return (5 if owner.proof else 6) if connection.vendor != 'postgresql' else 7  ->  return None
11  6  ->  7
11  6  ->  5
"""


def test_what_only_postgresql_runs_is_left_alone(module: Path) -> None:
    module.write_text(PARTED)

    found = [f"{mutant.line}  {mutant.change}" for mutant in mutants_of(str(module))]

    assert found == CHANGES_ON_SQLITE.strip().splitlines()


DECIDED = """
def room(owner, kind):
    hold(owner)
    if is_postgresql() and kind.is_large():
        return owner.sql("") or owner.id
    return not kind and connection.vendor == "sqlite"


class Refused(Exception):
    is_change: bool = False

    def __init__(self):
        super().__init__("A sentence.")
"""

CHANGES_OF_CONDITIONS = """
4  is_postgresql() and kind.is_large()  ->  is_postgresql() or kind.is_large()
4  is_postgresql() and kind.is_large()  ->  kind.is_large()
5  return owner.sql('') or owner.id  ->  return None
5  return owner.sql('') or owner.id  ->  return not (owner.sql('') or owner.id)
5  owner.sql('') or owner.id  ->  owner.sql('') and owner.id
5  owner.sql('') or owner.id  ->  owner.sql('')
6  return not kind and connection.vendor == 'sqlite'  ->  return None
6  return not kind and connection.vendor == 'sqlite'  ->  return not (not kind and connection.vendor == 'sqlite')
6  not kind and connection.vendor == 'sqlite'  ->  not kind or connection.vendor == 'sqlite'
6  not kind and connection.vendor == 'sqlite'  ->  connection.vendor == 'sqlite'
6  not kind  ->  kind
6  connection.vendor == 'sqlite'  ->  connection.vendor != 'sqlite'
"""


def test_a_part_of_a_condition_that_sqlite_decides_is_left_alone(module: Path) -> None:
    module.write_text(DECIDED)

    found = [f"{mutant.line}  {mutant.change}" for mutant in mutants_of(str(module))]

    assert found == CHANGES_OF_CONDITIONS.strip().splitlines()


DESCRIBED = """
@operation("Count", whole=True, responses={200: COUNT}, refuses=[{409: ("full",)}])
def count(request):
    operations.append(1)


class Pages:
    refuses: ClassVar[Refusals] = {422: ("invalid",)}

    def get_schema_operation_parameters(self):
        return [{"required": False}]


@lru_cache(256)
def refused():
    return 422
"""


def test_what_only_the_document_says_and_how_much_is_remembered_is_left_alone(module: Path) -> None:
    module.write_text(DESCRIBED)

    assert {mutant.line for mutant in mutants_of(str(module))} == {4, 16}


def test_a_change_at_the_top_knows_the_name_that_it_is_in(module: Path) -> None:
    assert [mutant.name for mutant in mutants_of(str(module)) if not mutant.is_in_function] == ["LIMIT", "LIMIT"]


REMEMBERED = """
@cache
def limit():
    return LIMIT + 1


def room():
    return limit() - 1
"""


def test_a_change_in_what_is_remembered_is_known_as_one(module: Path) -> None:
    module.write_text(REMEMBERED)

    assert {mutant.line: mutant.is_remembered for mutant in mutants_of(str(module))} == {4: True, 8: False}


def test_what_ran_before_the_tests_or_once_for_all_concerns_who_names_it(module: Path) -> None:
    module.write_text(REMEMBERED)
    path, kept, own = str(module), *(mutants_of(str(module))[place] for place in (0, -1))
    recording = Recording({"a": 0.2, "b": 0.1}, {path: {4: ["a"], 8: ["a", "b"]}})

    assert recording.tests_for(kept) == ["b", "a"]
    assert recording.tests_for(own) == ["b", "a"]
    assert Recording({"a": 0.2, "b": 0.1}, {path: {8: ["a"]}}).tests_for(kept) == ["a"]
    assert Recording({"a": 0.2, "b": 0.1}, {path: {4: ["a"], 8: ["b"]}}).tests_for(own) == ["b"]


def test_each_change_is_made_and_no_other(module: Path) -> None:
    dropped = next(each for each in mutants_of(str(module)) if each.change.startswith("without: raise"))
    names: dict[str, object] = {}

    exec(changed_code(str(module), dropped.number, "rules.py"), names)  # noqa: S102 - the module written above

    assert names["LIMIT"] == 3
    # It gets past the refusal, and on to rows that are none.
    with pytest.raises(AttributeError, match="filter"):
        names["is_open"](None, None, 1)  # type: ignore[operator] # a function of the module


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ("accounts/tests/test_limit_logins.py::test_sixty_refreshes_a_minute[database]", pytest.ExitCode.TESTS_FAILED),
        ("testing/tests/test_ownership.py::test_no_such_test", pytest.ExitCode.NO_TESTS_COLLECTED),
    ],
)
def test_a_process_of_its_own_changes_what_the_settings_import_too(tmp_path: Path, test: str, status: int) -> None:
    changed = next(each for each in mutants_of("core/errors.py") if each.change == "without: super().__init__(code)")
    SingleJob(changed.path, changed.number, [test]).write(tmp_path / "job")
    command = [sys.executable, "-m", "testing.mutation.single", *OPTIONS, test.partition("::")[0]]

    done = subprocess.run(
        command, env={**os.environ, VARIABLE: str(tmp_path / "job")}, capture_output=True, check=False
    )

    assert done.returncode == status, done.stdout


@pytest.mark.parametrize("area", AREAS, ids=lambda area: str(area.name))
def test_each_area_names_code_and_tests_that_exist(area: Area) -> None:
    assert all(Path(place).exists() for place in [*area.code, *area.tests])
    assert not [each for each in mutants_in(area, []) if "/tests/" in each.path]
    assert len(list(mutants_in(area, []))) > 300


def test_what_is_chosen_may_be_a_folder_or_a_file() -> None:
    tasks = next(area for area in AREAS if area.name == "tasks")

    assert {each.path for each in mutants_in(tasks, ["tasks/services.py"])} == {"tasks/services.py"}
    assert {Path(each.path).parent for each in mutants_in(tasks, ["tasks/bulk"])} == {Path("tasks/bulk")}
    assert not list(mutants_in(tasks, ["accounts"]))


def test_what_takes_too_long_is_neither_noticed_nor_missed(module: Path) -> None:
    killed, survived, late = mutants_of(str(module))[:3]
    results = [(killed, Outcome.KILLED), (survived, Outcome.SURVIVED), (late, Outcome.TIMED_OUT)]

    assert score(results) == 50.0
    assert score(results[2:]) == 0.0


def test_the_files_take_turns_and_have_their_time(module: Path) -> None:
    changed = next(each for each in mutants_of(str(module)) if each.line == 9)
    seconds = {"a::1": 1.0, "a::2": 2.0, "b::1": 2.5, "b::2": 4.0}

    def chosen(taking: float) -> list[str]:
        taken = {test: second * taking for test, second in seconds.items()}
        return Recording(taken, {str(module): {9: list(seconds)}}).tests_for(changed)

    assert chosen(1) == ["a::1", "b::1", "a::2", "b::2"]
    # The first one always.
    assert chosen(2) == ["a::1", "b::1"]
    assert chosen(100) == ["a::1"]


def test_of_quick_tests_a_file_has_more_in_its_time(module: Path) -> None:
    changed = next(each for each in mutants_of(str(module)) if each.line == 9)
    seconds = {"quick::1": 1.0, "quick::2": 1.0, "quick::3": 1.0, "slow::1": 2.5}

    chosen = Recording(seconds, {str(module): {9: list(seconds)}}).tests_for(changed)

    assert chosen == ["quick::1", "quick::2", "slow::1", "quick::3"]
