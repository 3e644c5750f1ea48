"""``manage.py chat`` as a process of its own, at a pipe or at a real pseudo-terminal."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from testing.databases import copied_database
from testing.model_answers import ModelAnswer, calls, fails, says, slow
from testing.model_server import MODEL, ModelServer
from testing.service import run as run_python
from testing.service import wait_until
from testing.terminal import SECONDS, Terminal

pytestmark = pytest.mark.once

FAINT, YELLOW, UP, CTRL_C, CTRL_D = "\x1b[2m", "\x1b[33;1m", "\x1b[A", "\x03", "\x04"
Pipe = Callable[..., subprocess.CompletedProcess[str]]
COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


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
    """``pipe("Add milk\\n", "--conversation=1")``."""

    def run(text: str | bytes, *options: str) -> subprocess.CompletedProcess[str]:
        content = text if isinstance(text, bytes) else text.encode()
        return run_python(("manage.py", "chat", email, *options), settings_of_chat, typed=content)

    return run


@pytest.fixture
def terminal(settings_of_chat: dict[str, str], email: str) -> Iterator[Callable[..., Terminal]]:
    """``terminal("--no-color", NO_COLOR="1")``: the command at a pseudo-terminal."""
    opened: list[Terminal] = []

    def start(*options: str, **more: str) -> Terminal:
        opened.append(Terminal(settings_of_chat | more, "chat", email, *options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def said(server: ModelServer, place: int = -1) -> list[Any]:
    """The persons' messages that the model was shown."""
    return [message["content"] for message in server.requests[place].messages if message["role"] == "user"]


def test_each_piped_line_is_a_turn_of_one_conversation(pipe: Pipe, model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "Buy milk"})), says("I added it."), says("Nothing else."))

    done = pipe("Add buy milk\n\nWhat else?")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "I added it."
    assert lines[1] == 'add_task {"title": "Buy milk"} -> \u201cBuy milk\u201d'
    assert re.fullmatch(r"This is conversation \d+\.", lines[2])
    assert lines[3:] == ["Nothing else."]
    assert len(model.requests) == 3
    assert said(model)[-2:] == ["Add buy milk", "What else?"]


def test_a_failure_is_one_line_and_the_next_turn_goes_on(pipe: Pipe, model: ModelServer) -> None:
    model.script(fails(401), says("Here I am."))

    done = pipe("Hello?\nHello again?\n")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("Here I am.\n")


@pytest.mark.parametrize("line", [b"x" * 4001, b"\xff\xfe", b"a\0b", b"/unknown"])
def test_a_line_that_cannot_be_a_message_is_refused_in_a_line(pipe: Pipe, model: ModelServer, line: bytes) -> None:
    model.script(says("Here I am."))

    done = pipe(line + b"\nHello?\n")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout.startswith("Here I am.\n")


def test_what_waits_for_a_yes_is_shown_and_runs_on_it(pipe: Pipe, model: ModelServer) -> None:
    model.script(
        calls(("add_task", {"title": "Call plumber"})), says("Added."),
        calls(("delete_task", {"task": "Call plumber"})), says("As you like."),
    )  # fmt: skip

    done = pipe("Add call plumber\nTidy up\nyes\n", "--timezone=Europe/Rome")

    assert done.returncode == 0, done.stderr
    assert re.search(r"^Waiting for your yes until \d\d:\d\d \(Europe/Rome\)\.$", done.stdout, re.MULTILINE)
    assert "delete_task" in done.stdout
    assert done.stdout.splitlines()[-1] == "Deleted \u201cCall plumber\u201d."


def test_new_begins_another_conversation_and_the_option_goes_on_with_one(pipe: Pipe, model: ModelServer) -> None:
    model.script(says("One."), says("Two."), says("Three."))

    done = pipe("first\n/new\nsecond\n/quit\nnever said\n")

    assert said(model) == ["second"]
    first, second = re.findall(r"This is conversation (\d+)\.", done.stdout)
    assert first != second
    pipe("third\n", f"--conversation={first}")
    assert said(model) == ["first", "third"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--conversation=1"], 1),
        (["--conversation=one"], 1),
        (["--timezone=Mars/Olympus"], 2),
        (["--timezone=../etc/passwd"], 2),
    ],
)
def test_an_option_that_makes_no_sense_ends_it_at_once(pipe: Pipe, options: list[str], status: int) -> None:
    done = pipe("Hello\n", *options)

    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_a_models_words_cannot_steer_the_terminal(pipe: Pipe, model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "\x9b2J"})), says("\x1b]0;owned\x07 see\r\x1b[2J"))

    done = pipe("Hello\n")

    assert " see" in done.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


def test_words_are_shown_as_they_come(terminal: Callable[..., Terminal], model: ModelServer) -> None:
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
    terminal: Callable[..., Terminal], model: ModelServer, home: Path
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


def test_a_question_is_yellow(terminal: Callable[..., Terminal], model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "Call mum"}), ("delete_task", {"task": "Call mum"})), says("So."))
    shell = terminal()
    shell.type("Tidy up\n")

    assert shell.read_until("Waiting for your yes").endswith(f"{YELLOW}Waiting for your yes")


@pytest.mark.parametrize(
    ("options", "more"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"})], ids=["option", "variable"]
)
def test_colours_can_be_declined(
    terminal: Callable[..., Terminal], model: ModelServer, options: list[str], more: dict[str, str]
) -> None:
    model.script(fails(401), says("Hello."))
    shell = terminal(*options, **more)
    shell.type("Hello\nHello\n/quit\n")

    assert shell.wait() == 0
    shown = shell.rest()
    assert "This is conversation" in shown
    assert not COLOUR.search(shown)


def test_ctrl_c_ends_it_also_within_a_turn(terminal: Callable[..., Terminal], model: ModelServer) -> None:
    model.script(slow(SECONDS, says("Too late.")))
    shell = terminal()
    shell.read_until("> ")
    shell.type("Hello\n")
    wait_until(lambda: bool(model.requests))
    shell.type(CTRL_C)

    assert shell.wait() == 130
    assert "Traceback" not in shell.rest()
