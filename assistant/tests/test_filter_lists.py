"""What the tools that look are given is what the list is filtered by."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.tests.chat_facts import Say, result
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer


@pytest.fixture
def four(alice: Caller, make_task: Callable[..., Task]) -> None:
    make_task(alice, "Milk", tags=["home"])
    make_task(alice, "Tea", tags=["home", "shop"], priority=3)
    make_task(alice, "Rent", due_at=datetime(2026, 12, 1, 10, tzinfo=UTC))
    make_task(alice, "Milk again", completed_at=datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("tool", "arguments", "wanted"),
    [
        ("list_tasks", {}, ["Rent", "Tea", "Milk", "Milk again"]),
        ("list_tasks", {"tags": ["HOME"]}, ["Tea", "Milk"]),
        ("list_tasks", {"tags": ["home", "shop"]}, ["Tea"]),
        ("list_tasks", {"tags": []}, ["Rent", "Tea", "Milk", "Milk again"]),
        ("list_tasks", {"priority": "high"}, ["Tea"]),
        ("list_tasks", {"status": "completed"}, ["Milk again"]),
        ("list_tasks", {"due_after": "2026-12-01T10:00:00Z"}, ["Rent"]),
        ("list_tasks", {"due_before": "2026-12-01T10:00:01Z"}, ["Rent"]),
        ("list_tasks", {"due_after": "2026-12-01T10:00:01Z"}, []),
        ("list_tasks", {"ordering": "created_at", "limit": 2}, ["Milk", "Tea"]),
        ("search_tasks", {"query": "milk"}, ["Milk", "Milk again"]),
        ("search_tasks", {"query": "milk", "status": "pending"}, ["Milk"]),
        ("search_tasks", {"query": "milk", "limit": 1}, ["Milk"]),
        # Where nothing holds the words, their forms.
        ("search_tasks", {"query": "milks"}, ["Milk", "Milk again"]),
        # Beside what a model is told of.
        ("list_tasks", {"has_due_at": True}, ["Rent"]),
        ("list_tasks", {"has_due_at": False}, ["Tea", "Milk", "Milk again"]),
        ("list_tasks", {"not_due_before": "2026-12-01T10:00:01Z"}, ["Tea", "Milk", "Milk again"]),
        ("list_tasks", {"completed_after": "2026-11-01T00:00:00Z"}, ["Milk again"]),
        ("list_tasks", {"completed_before": "2026-11-01T00:00:00Z"}, []),
    ],
)
def test_a_list_holds_what_was_asked_for(
    alice: Caller, say: Say, model_server: ModelServer, tool: str, arguments: Any, wanted: list[str]
) -> None:
    model_server.script(calls((tool, arguments)), says("These."))

    answer = say(alice, "What is there?")

    assert [task["title"] for task in result(answer)["tasks"]] == wanted


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("about", "more", "wanted", "told"),
    [
        ("home", {}, ["Tea", "Milk"], {"tags": ["home"]}),
        ("Homes", {}, ["Tea", "Milk"], {"tags": ["Home"]}),
        ("shop", {"tags": ["home"]}, ["Tea"], {"tags": ["home", "shop"]}),
        ("milk", {}, ["Milk", "Milk again"], {"query": "milk"}),
        ("the milks", {}, ["Milk", "Milk again"], {"query": "the milks"}),
        ("home shop", {}, [], {"query": "home shop"}),
        ("milk", {"status": "pending"}, ["Milk"], {"status": "pending", "query": "milk"}),
    ],
)
def test_what_tasks_are_about_is_a_tag_or_words(
    alice: Caller, say: Say, model_server: ModelServer, about: str, more: Any, wanted: list[str], told: Any
) -> None:
    model_server.script(calls(("list_tasks", {"about": about, **more})), says("These."))

    answer = say(alice, "What is there?")

    assert [task["title"] for task in result(answer)["tasks"]] == wanted
    assert answer.json["tool_calls"][0]["arguments"] == told


@pytest.mark.parametrize("tags", [["two words"], "two words", [1], [None]])
def test_what_is_no_tag_is_told(alice: Caller, say: Say, model_server: ModelServer, tags: Any) -> None:
    model_server.script(calls(("list_tasks", {"tags": tags})), says("Sorry."))

    assert result(say(alice, "What is there?"))["error"]["code"] == "invalid_arguments"


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(("limit", "offset", "is_more"), [(3, 0, True), (4, 0, False), (1, 2, True), (1, 3, False)])
def test_a_part_of_a_list_is_told_with_the_count_of_all(
    alice: Caller, say: Say, model_server: ModelServer, limit: int, offset: int, is_more: bool
) -> None:
    model_server.script(calls(("list_tasks", {"limit": limit, "offset": offset})), says("These."))

    told = result(say(alice, "What is there?"))

    assert [task["number"] for task in told["tasks"]] == list(range(1 + offset, 1 + offset + limit))
    assert (told["count"], told["more"]) == (4, is_more)
