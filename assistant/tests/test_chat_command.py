"""``manage.py chat`` in this process, with its streams in the place of a pipe's and of a terminal's."""

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command

from assistant.tests.chat_facts import titles
from testing.callers import Caller
from testing.model_answers import calls, fails, says
from testing.model_server import ModelServer

YELLOW: Final = "\x1b[33;1m"
COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ended:
    status: Any
    shown: str
    problems: str


class Stream(io.TextIOWrapper):
    """Of a process, as Python opens it in the locale of most machines."""

    def __init__(self, content: bytes = b"", *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", newline="")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def written(self) -> str:
        self.flush()
        self.seek(0)
        return self.read()


Run = Callable[..., Ended]


@pytest.fixture
def run(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("Add milk\\n", "--conversation=1", is_terminal=True)``."""

    def run(typed: str | bytes, *options: str, is_terminal: bool = False) -> Ended:
        content = typed if isinstance(typed, bytes) else typed.encode()
        streams = {
            "stdin": Stream(content, is_terminal=is_terminal),
            "stdout": Stream(is_terminal=is_terminal),
            "stderr": Stream(is_terminal=is_terminal),
        }
        with monkeypatch.context() as patch:
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            try:
                call_command("chat", alice.id, "--id", *options)
                status: Any = 0
            except SystemExit as end:
                status = end.code
        return Ended(status, streams["stdout"].written(), streams["stderr"].written())

    return run


@pytest.fixture(autouse=True)
def _usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What whoever runs the tests may have set, and a person would not."""
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "DJANGO_COLORS"):
        monkeypatch.delenv(name, raising=False)


def said(server: ModelServer, place: int = -1) -> list[Any]:
    """The persons' messages that the model was shown."""
    return [message["content"] for message in server.requests[place].messages if message["role"] == "user"]


def test_each_piped_line_is_a_turn_of_one_conversation(alice: Caller, run: Run, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Buy milk"})), says("I added it."), says("Nothing else."))

    done = run("Add buy milk\n\nWhat else?")

    assert (done.status, done.problems) == (0, "")
    lines = done.shown.splitlines()
    assert lines[0] == "I added it."
    assert lines[1] == 'add_task {"title": "Buy milk"} -> \u201cBuy milk\u201d'
    assert re.fullmatch(r"This is conversation \d+\.", lines[2])
    assert lines[3:] == ["Nothing else."]
    assert len(model_server.requests) == 3
    assert said(model_server)[-2:] == ["Add buy milk", "What else?"]
    assert titles(alice) == ["Buy milk"]


@pytest.mark.parametrize("line", [b"x" * 4001, b"\xff\xfe", b"a\0b", b"/unknown"])
def test_a_line_that_cannot_be_a_message_is_refused_in_a_line(run: Run, model_server: ModelServer, line: bytes) -> None:
    model_server.script(says("Here I am."))

    done = run(line + b"\nHello?\n")

    assert done.status == 1
    assert len(done.problems.splitlines()) == 1
    assert done.shown.startswith("Here I am.\n")


def test_what_waits_for_a_yes_is_shown_and_runs_on_it(run: Run, model_server: ModelServer) -> None:
    model_server.script(
        calls(("add_task", {"title": "Call plumber"})), says("Added."),
        calls(("delete_task", {"task": "Call plumber"})), says("As you like."),
    )  # fmt: skip

    done = run("Add call plumber\nTidy up\nyes\n", "--timezone=Europe/Rome")

    assert done.status == 0, done.problems
    assert re.search(r"^Waiting for your yes until \d\d:\d\d \(Europe/Rome\)\.$", done.shown, re.MULTILINE)
    assert "delete_task" in done.shown
    assert done.shown.splitlines()[-1] == "Deleted \u201cCall plumber\u201d."


def test_new_begins_another_conversation_and_the_option_goes_on_with_one(run: Run, model_server: ModelServer) -> None:
    model_server.script(says("One."), says("Two."), says("Three."))

    done = run("first\n/new\nsecond\n/quit\nnever said\n")

    assert said(model_server) == ["second"]
    first, second = re.findall(r"This is conversation (\d+)\.", done.shown)
    assert first != second
    run("third\n", f"--conversation={first}")
    assert said(model_server) == ["first", "third"]


@pytest.mark.parametrize(
    "option", ["--conversation=1", "--conversation=one", "--timezone=Mars/Olympus", "--timezone=../etc/passwd"]
)
def test_an_option_that_makes_no_sense_ends_it_at_once(run: Run, model_server: ModelServer, option: str) -> None:
    with pytest.raises(CommandError, match=r"There is no such conversation|Must be an IANA time zone"):
        run("Hello\n", option)

    assert model_server.requests == []


def test_a_models_words_cannot_steer_the_terminal(run: Run, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "\x9b2J"})), says("\x1b]0;owned\x07 see\r\x1b[2J"))

    done = run("Hello\n")

    assert " see" in done.shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.shown)


def test_a_question_is_yellow(run: Run, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Call mum"}), ("delete_task", {"task": "Call mum"})), says("So."))

    done = run("Tidy up\n", is_terminal=True)

    assert f"{YELLOW}Waiting for your yes" in done.shown


@pytest.mark.parametrize(
    ("options", "variables"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"})], ids=["option", "variable"]
)
def test_colours_can_be_declined(
    run: Run, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, options: list[str], variables: dict[str, str]
) -> None:
    model_server.script(fails(401), says("Hello."))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    done = run("Hello\nHello\n/quit\n", *options, is_terminal=True)

    # What is typed is no program's failure.
    assert done.status == 0
    assert "This is conversation" in done.shown
    assert done.problems
    assert not COLOUR.search(done.shown + done.problems)
