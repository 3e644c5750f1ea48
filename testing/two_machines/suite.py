"""What pytest does in another way there: which tests run, where their requests go, and what is told at the end."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from testing.callers import Caller
from testing.two_machines import skips
from testing.two_machines.place import PLACE, Standing, through_two

CAST: Final = {"alice", "bob", "admin", "anonymous"}
SENDERS: Final = (Caller, Client)
SERVERS: Final = {"own_database", "database", "template", "image"}
# Of what is told of a run by each of its workers.
SENT: Final = "sent"
ANSWERED: Final = ("answered by the first", "answered by the second")
# Each has about a half; of a few requests nothing is said.
LEAST: Final = 0.4
FEW: Final = 20
TOLD: Final[pytest.StashKey[Counter[str]]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOLD] = Counter()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What sends nothing needs no other place; what is sent has to find what the test wrote, so it is committed."""
    sending = [item for item in items if _sends(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _sends(item)])
    items[:] = sending
    for item in items:
        item.add_marker(pytest.mark.django_db(transaction=True), append=False)


def _sends(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    module = getattr(item, "module", None)
    return not SERVERS & fixtures and (
        bool(CAST & fixtures) or any(value in SENDERS for value in vars(module).values() if isinstance(value, type))
    )


@pytest.fixture(scope="session", autouse=True)
def two_machines(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
    _quick_between_tests: None,
) -> Iterator[Standing]:
    with through_two(tmp_path_factory.mktemp("two")) as place:
        request.config.stash[PLACE] = place
        yield place
    # What they wrote down until they were stopped.
    answered = place.answered()
    request.config.stash[TOLD].update({SENT: place.transport.sent, **dict(zip(ANSWERED, answered, strict=True))})
    assert is_by_turns(place.transport.sent, answered), (place.transport.sent, answered)


def is_by_turns(sent: int, answered: list[int]) -> bool:
    return sent < FEW or min(answered) >= LEAST * sent


@pytest.fixture(autouse=True)
def _fresh_place(two_machines: Standing) -> None:
    two_machines.forget()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if reason := skips.reason_for(item):
        pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    place = item.config.stash[PLACE]
    before, logs = place.transport.sent, place.logs()
    try:
        return (yield)
    except Exception:
        item.add_report_section("call", "log of the instances", written_since(logs, place.logs()))
        raise
    finally:
        item.user_properties.append((SENT, place.transport.sent - before))


def written_since(before: Mapping[Path, int], logs: Iterable[Path]) -> str:
    texts = ((path, path.read_bytes()[before.get(path, 0) :].decode(errors="replace")) for path in logs)
    return "".join(f"{path}\n{text}" for path, text in texts if text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    # Of a worker of several.
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["two_machines"] = dict(session.config.stash[TOLD].items())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[TOLD].update(getattr(node, "workeroutput", {}).get("two_machines", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    told, reports = config.stash[TOLD], terminalreporter.stats
    terminalreporter.section("Through two instances")
    for name in (SENT, *ANSWERED):
        terminalreporter.line(f"{told[name]:7,} requests {name}")
    without = sum(dict(report.user_properties).get(SENT) == 0 for report in reports.get("passed", ()))
    terminalreporter.line(f"{len(reports.get('passed', ())) - without:7,} tests passed that sent some")
    terminalreporter.line(f"{without:7,} tests passed that sent none")
    for reason, count in _reasons(reports.get("skipped", ())).most_common():
        terminalreporter.line(f"{count:7,} tests skipped: {reason}")


def _reasons(reports: Iterable[pytest.TestReport]) -> Counter[str]:
    told = (report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple))
    return Counter(reason.removeprefix("Skipped: ") for reason in told)
