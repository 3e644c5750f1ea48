"""``manage.py chat`` as a process of its own, at a pipe or at a real pseudo-terminal: what only those show."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from testing.databases import copied_database
from testing.model_answers import ModelAnswer, calls, fails, says, slow
from testing.model_server import MODEL, ModelServer
from testing.service import run as run_python
from testing.service import wait_until
from testing.terminal import SECONDS, Terminal

pytestmark = pytest.mark.once

FAINT, UP, CTRL_C, CTRL_D = "\x1b[2m", "\x1b[A", "\x03", "\x04"
Pipe = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def database_url(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with copied_database(template, tmp_path_factory.mktemp("chat")) as url:
        yield url


@pytest.fixture(scope="module")
def email(database_url: str) -> str:
    """Of somebody with two tasks."""
    done = run_python(("manage.py", "demo", "--users=1", "--tasks=2"), {"DATABASE_URL": database_url})
    found = re.search(r"Log in as (\S+) ", done.stdout)
    assert found
    return found[1]


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server
    assert not server.unexpected


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def settings_of_chat(database_url: str, model: ModelServer, home: Path) -> dict[str, str]:
    named = {"LLM_BASE_URL": model.base_url, "LLM_MODEL": MODEL, "LLM_API_KEY": "sk-only-for-tests"}
    return {"DATABASE_URL": database_url, "HOME": str(home), "TERM": "xterm", **named}


@pytest.fixture
def pipe(settings_of_chat: dict[str, str], email: str) -> Pipe:
    """``pipe("Add milk\\n", "--timezone=Europe/Rome")``."""

    def run(text: str | bytes, *options: str) -> subprocess.CompletedProcess[str]:
        content = text if isinstance(text, bytes) else text.encode()
        return run_python(("manage.py", "chat", email, *options), settings_of_chat, typed=content)

    return run


@pytest.fixture
def terminal(settings_of_chat: dict[str, str], email: str) -> Iterator[Callable[[], Terminal]]:
    """The command at a pseudo-terminal."""
    opened: list[Terminal] = []

    def start() -> Terminal:
        opened.append(Terminal(settings_of_chat, "chat", email))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def said(server: ModelServer, place: int = -1) -> list[Any]:
    """The persons' messages that the model was shown."""
    return [message["content"] for message in server.requests[place].messages if message["role"] == "user"]


def test_a_failure_is_one_line_and_the_next_turn_goes_on(pipe: Pipe, model: ModelServer) -> None:
    model.script(fails(401), says("Here I am."))

    done = pipe("Hello?\nHello again?\n")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("Here I am.\n")


def test_an_option_that_makes_no_sense_is_no_traceback(pipe: Pipe) -> None:
    done = pipe("Hello\n", "--timezone=Mars/Olympus")

    assert done.returncode == 2
    assert "Must be an IANA time zone" in done.stderr
    assert "Traceback" not in done.stderr


def test_words_are_shown_as_they_come(terminal: Callable[[], Terminal], model: ModelServer) -> None:
    may_go_on = threading.Event()

    def deltas() -> Iterator[dict[str, str]]:
        yield {"role": "assistant", "content": "First this,"}
        assert may_go_on.wait(SECONDS)
        yield {"content": " and then that."}

    model.script(ModelAnswer(deltas=deltas()))
    shell = terminal()
    shell.type("Tell me\n")

    assert "that" not in shell.read_until("First this,")
    may_go_on.set()
    shell.read_until(" and then that.")


def test_a_terminal_has_colours_a_history_and_an_end(
    terminal: Callable[[], Terminal], model: ModelServer, home: Path
) -> None:
    model.script(
        calls(("list_tasks", {"status": "all"})), says("These."), says("Again."),
    )  # fmt: skip
    shell = terminal()
    assert FAINT in shell.read_until("/quit")
    shell.read_until("> ")

    shell.type("show all of them\n")
    assert FAINT in shell.read_until("list_tasks")
    shell.read_until("This is conversation")
    shell.read_until("> ")
    shell.type(f"{UP}\n")
    shell.read_until("Again.")
    shell.read_until("> ")
    shell.type(CTRL_D)

    assert shell.wait() == 0
    assert said(model) == ["show all of them", "show all of them"]
    assert list(home.iterdir()) == []


def test_ctrl_c_ends_it_also_within_a_turn(terminal: Callable[[], Terminal], model: ModelServer) -> None:
    model.script(slow(SECONDS, says("Too late.")))
    shell = terminal()
    shell.read_until("> ")
    shell.type("Hello\n")
    wait_until(lambda: bool(model.requests))
    shell.type(CTRL_C)

    assert shell.wait() == 130
    assert "Traceback" not in shell.rest()
