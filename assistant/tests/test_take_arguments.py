"""Arguments that models send otherwise than they were told to, each with the public report it stands for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.tests.chat_facts import Say, error, result, tasks
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

DUE = datetime(2026, 12, 1, 9, tzinfo=UTC)
# In Chicago, in winter.
TEN = datetime(2026, 12, 24, 16, tzinfo=UTC)
MIDNIGHT = datetime(2026, 12, 25, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("report", "arguments", "kept"),
    [
        ("ZenRows/zenrows-mcp#23", {"description": None, "due_at": None, "priority": None, "tags": None}, {}),
        ("modelcontextprotocol/inspector#328", {"description": "", "due_at": "", "priority": " ", "tags": ""}, {}),
        ("coder/xum#2250", {"due_at": "null", "priority": "none", "tags": "None"}, {}),
        ("earendil-works/pi#8105", {"description": "", "tags": [], "due_at": None}, {}),
        ("AtomicBot-ai/atomic-agent#182", {"tags": '["home", "work"]'}, {"tags": ["home", "work"]}),
        ("HunorLaczko/ha-groq-cloud-api#20", {"tags": "home"}, {"tags": ["home"]}),
        ("plur-ai/plur#474", {"tags": "home, #work"}, {"tags": ["home", "work"]}),
        ("2witstudios/PageSpace#701", {"due_at": "2026-12-24T10:00:00"}, {"due_at": TEN}),
        ("BasedHardware/omi#7693", {"due_at": "2026-12-24 10:00"}, {"due_at": TEN}),
        ("Omar-V2/mcp-ical#25", {"due_at": "2026-12-24"}, {"due_at": MIDNIGHT}),
        ("NousResearch/hermes-agent#87403", {"due_at": "2026-12-24T10:00-06:00"}, {"due_at": TEN}),
        ("router-for-me/CLIProxyAPI#1059", {"priority": "High"}, {"priority": 3}),
    ],
)
def test_a_draft_is_taken_as_it_was_meant(
    alice: Caller,
    say: Say,
    model_server: ModelServer,
    report: str,
    arguments: Mapping[str, Any],
    kept: Mapping[str, Any],
) -> None:
    model_server.script(calls(("add_task", {"title": "Buy milk", **arguments})), says("Added."))

    answer = say(alice, "Add buy milk", timezone="America/Chicago")

    assert error(answer) is None, report
    [task] = tasks(alice)
    told = {"title": "Buy milk", "description": None, "due_at": None, "priority": 2, "tags": [], **kept}
    assert {name: getattr(task, name) for name in told} == told


@pytest.mark.parametrize(
    "blanks",
    [
        {"title": None, "description": None, "due_at": None, "priority": None, "tags": None, "clear": None},
        {"title": "", "description": "", "due_at": "", "priority": "", "tags": [], "add_tags": [], "clear": []},
    ],
)
def test_what_is_left_blank_is_left_as_it_is(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task], blanks: Mapping[str, Any]
) -> None:
    make_task(alice, "Pay rent", description="By card", due_at=DUE, tags=["home"])
    model_server.script(calls(("update_task", {"task": "rent", **blanks, "priority": "high"})), says("Changed."))

    say(alice, "Make rent high priority")

    [task] = tasks(alice)
    assert (task.title, task.description, task.due_at, task.tags) == ("Pay rent", "By card", DUE, ["home"])
    assert task.priority == 3


@pytest.mark.parametrize("clear", [["due_at", "description", "tags"], "due_at, description, tags"])
def test_what_is_cleared_is_named(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task], clear: Any
) -> None:
    make_task(alice, "Pay rent", description="By card", due_at=DUE, tags=["home"])
    model_server.script(calls(("update_task", {"task": "rent", "due_at": None, "clear": clear})), says("Cleared."))

    say(alice, "Clear all of rent")

    [task] = tasks(alice)
    assert (task.title, task.description, task.due_at, task.tags) == ("Pay rent", None, None, [])


@pytest.mark.parametrize("clear", [["title"], [5], {"due_at": True}, 5, ["due_at"]])
def test_what_cannot_be_cleared_or_is_given_too_is_an_error(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task], clear: Any
) -> None:
    make_task(alice, "Pay rent", due_at=DUE)
    arguments = {"task": "rent", "clear": clear, "due_at": "2026-12-24T10:00:00Z"}
    model_server.script(calls(("update_task", arguments)), says("Sorry."))

    assert error(say(alice, "Clear rent")) == "invalid_arguments"
    assert tasks(alice)[0].due_at == DUE


@pytest.mark.parametrize(
    ("report", "arguments", "shown"),
    [
        ("akhileshrangani4/teachanything#510", {"limit": "2"}, ["Work report", "Rent"]),
        ("ayunis-core/ayunis-core#1030", {"status": "", "tags": None, "due_before": "", "limit": None}, None),
        ("earendil-works/pi#5697", {"tags": '["home"]'}, ["Rent"]),
        ("IBM/mcp-context-forge#620", {"tags": "home"}, ["Rent"]),
        ("Omar-V2/mcp-ical#25", {"due_before": "2026-12-01T03:01:00"}, ["Rent"]),
        ("MarimerLLC/calendar-mcp#39", {"due_after": "2026-12-01", "due_before": "2026-12-02"}, ["Rent"]),
        ("pydantic/pydantic-ai#703", {"status": "Pending"}, None),
    ],
)
def test_a_look_is_taken_as_it_was_meant(
    alice: Caller,
    say: Say,
    model_server: ModelServer,
    make_task: Callable[..., Task],
    report: str,
    arguments: Mapping[str, Any],
    shown: list[str] | None,
) -> None:
    make_task(alice, "Milk")
    make_task(alice, "Rent", due_at=DUE, tags=["home"])
    make_task(alice, "Work report")
    model_server.script(calls(("list_tasks", arguments)), says("Here."))

    answer = say(alice, "Show my tasks", timezone="America/Chicago")

    assert error(answer) is None, report
    assert [task["title"] for task in result(answer)["tasks"]] == (shown or ["Work report", "Rent", "Milk"])


def test_a_task_may_be_an_object_with_its_id(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task]
) -> None:
    task = make_task(alice, "Pay rent")
    model_server.script(calls(("complete_task", {"task": {"id": str(task.id), "title": "Pay rent"}})), says("Done."))

    say(alice, "I paid the rent")

    assert tasks(alice)[0].completed


@pytest.mark.parametrize("zone", ["Etc/Unknown", "etc/unknown"])
def test_a_zone_that_a_browser_does_not_know_is_utc(
    alice: Caller, say: Say, model_server: ModelServer, zone: str
) -> None:
    """spencermountain/spacetime#367."""
    model_server.script(calls(("add_task", {"title": "Tea", "due_at": "2026-12-24T16:00"})), says("Added."))

    assert say(alice, "Add tea", timezone=zone).status == 200

    assert tasks(alice)[0].due_at == TEN
    assert "in the time zone UTC" in model_server.requests[0].messages[0]["content"]
