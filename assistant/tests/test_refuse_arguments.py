"""Tool calls that make no sense: an error for the model, an answer for the person."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from assistant.models import Conversation
from assistant.tests.chat_facts import Say, assert_well_formed, error, pairs, read, result, titles
from assistant.tools import definitions
from assistant.tools.arguments import parse_arguments
from core.errors import Invalid
from tasks.models import Task
from testing.callers import Caller
from testing.model_answers import calls, says, streams
from testing.model_server import ModelServer

TOOLS: Final = ("add_task", "list_tasks", "search_tasks", "complete_task", "reopen_task", "update_task", "delete_task")
WRONG: Final[tuple[Any, ...]] = (True, 5, 5.5, [], ["x"], {}, {"x": 1}, [[[]]], "", " ")


@pytest.mark.parametrize("tool", TOOLS)
def test_arguments_of_wrong_types_change_nothing(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Callable[..., Task], tool: str
) -> None:
    task = make_task(alice, "Pay rent")
    before = pairs(alice)
    for names in (
        ("task", "title", "query"),
        ("limit", "status", "ordering"),
        ("tags", "add_tags", "due_at"),
        ("priority",),
    ):
        wrong = [{"task": str(task.id), **dict.fromkeys(names, value)} for value in WRONG]
        model_server.script(calls(*((tool, arguments) for arguments in wrong)), says("Done."))
        if names[0] != "task" and tool in ("complete_task", "reopen_task", "delete_task"):
            # They have no such argument, and ignore it.
            wrong = []
            model_server.script(says("Done."))
        assert_well_formed(say(alice, "Show my tasks"))
        if not wrong:
            assert model_server.left == 1
            say(alice, "Show my tasks")

    assert pairs(alice) == before


@pytest.mark.parametrize(
    "arguments",
    [
        "", "null", "[]", "5", '"x"', "{", '{"title": "x"', "{'title': 'x'}", '{"title": "x"} {}', "\0", "NaN",
        '{"title": NaN}', "[" * 5000, '{"title": "%s"}' % ("x" * 20_000), '{"title": 1e999}',
        '{"title": "Tea", "more": "%s"}' % ("x" * 20_000),
    ],
)  # fmt: skip
def test_arguments_that_are_no_json_object_are_an_error(
    alice: Caller, say: Say, model_server: ModelServer, arguments: str
) -> None:
    model_server.script(calls(("add_task", arguments)), says("Done."))

    answer = say(alice, "Add x")

    assert_well_formed(answer)
    assert error(answer) == "invalid_arguments"
    assert titles(alice) == []
    assert read(alice, answer)["messages"][1]["tool_calls"] == answer.json["tool_calls"]


@pytest.mark.parametrize(
    "more",
    ["1" * 40, "1" * 4000, "-" + "9" * 30, "NaN", "-Infinity", "1e999", "[" * 300 + "]" * 300, "[" * 950 + "]" * 950,
     "[" * 7000 + "]" * 7000, '{"a":' * 400 + "1" + "}" * 400],
)  # fmt: skip
def test_what_cannot_be_told_again_is_no_arguments(
    alice: Caller, say: Say, model_server: ModelServer, more: str
) -> None:
    model_server.script(calls(("add_task", f'{{"title": "Buy milk", "more": {more}}}')), says("Done."))

    answer = say(alice, "Add buy milk")

    assert_well_formed(answer)
    json.loads(answer.content)
    assert read(alice, answer)["messages"][1]["tool_calls"] == answer.json["tool_calls"]
    assert len(titles(alice)) == (0 if "error" in result(answer) else 1)


def test_a_megabyte_of_arguments_ends_the_turn_and_not_the_conversation(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    wanted = {
        "index": 0,
        "id": "call_1",
        "function": {"name": "add_task", "arguments": '{"title": "%s"}' % ("x" * 10**6)},
    }
    model_server.script(streams({"tool_calls": [wanted]}), says("Hello."))

    assert say(alice, "Add x").is_problem(502, "model_failed")

    assert titles(alice) == []
    number = Conversation.objects.get(user_id=alice.id).id
    assert say(alice, "Hi", conversation_id=number).json["response"] == "Hello."


def test_half_characters_and_nul_spoil_neither_the_answer_nor_the_conversation(
    alice: Caller, say: Say, model_server: ModelServer
) -> None:
    model_server.script(
        calls(("add_task", '{"title": "Buy\\u0000 milk \\ud800", "tags": ["a\\udc00"], "\\ud800": "\\udfff\\u0000"}')),
        calls(("add_task", '{"title": "Raw \ud800 half"}')),
        says("Done \0 \ud83d and \udc00."),
        says("Hello."),
    )

    answer = say(alice, "Add buy milk")
    again = say(alice, "Hi", conversation_id=answer.json["conversation_id"])

    assert_well_formed(answer)
    assert titles(alice) == ["Buy milk \ufffd", "Raw \ufffd half"]
    assert answer.json["response"] == "Done \ufffd \ufffd and \ufffd."
    assert again.json["response"] == "Hello."
    assert len(read(alice, answer)["messages"]) == 4


@pytest.mark.parametrize(
    "name", ["drop_table", "<script>alert(1)</script>", "add_task ", "ADD_TASK", "x" * 5000, "\0", "\ud800", "__init__"]
)
def test_a_tool_that_is_none_is_an_error(alice: Caller, say: Say, model_server: ModelServer, name: str) -> None:
    model_server.script(calls((name, {"title": "x"})), says("Done."))

    answer = say(alice, "Add x")

    assert_well_formed(answer)
    assert error(answer) == "unknown_tool"
    assert len(answer.json["tool_calls"][0]["tool"]) == min(len(name), 64)
    assert titles(alice) == []
    assert read(alice, answer)["messages"][1]["tool_calls"] == answer.json["tool_calls"]


@pytest.mark.parametrize(
    ("limit", "code"),
    [(limit, None) for limit in (1, 50, "5", None)]
    + [(limit, "invalid_arguments") for limit in (0, 51, -1, True, 5.5, [5])],
)
def test_a_list_shows_fifty_tasks_at_most(
    alice: Caller, say: Say, model_server: ModelServer, limit: Any, code: str | None
) -> None:
    model_server.script(calls(("list_tasks", {"limit": limit})), says("Done."))

    assert error(say(alice, "Show my tasks")) == code


@pytest.mark.parametrize(("offset", "code"), [(0, None), (9_999, None), (10_000, "invalid_arguments")])
def test_a_list_begins_after_ten_thousand_tasks_at_most(
    alice: Caller, say: Say, model_server: ModelServer, offset: int, code: str | None
) -> None:
    model_server.script(calls(("list_tasks", {"offset": offset})), says("Done."))

    assert error(say(alice, "Show my tasks")) == code


def test_arguments_are_sixteen_thousand_characters_long_at_most() -> None:
    longest = json.dumps({"title": "x" * 15_987})
    assert len(longest) == 16_000

    assert parse_arguments(longest)["title"] == "x" * 15_987
    with pytest.raises(Invalid, match="16000"):
        parse_arguments(f"{longest} ")


def test_no_arguments_are_an_empty_object() -> None:
    assert parse_arguments("") == {}


def test_arguments_that_another_tool_would_take_are_ignored(alice: Caller, say: Say, model_server: ModelServer) -> None:
    wanted = [("list_tasks", {"due_day": "2026-12-01"}), ("add_task", {"title": "Tea", "about": "tea"})]
    model_server.script(calls(*wanted), says("Done."))

    answer = say(alice, "Add tea")

    assert [(call["tool"], call["arguments"]) for call in answer.json["tool_calls"]] == wanted
    assert titles(alice) == ["Tea"]


def test_a_model_is_told_to_give_no_arguments_but_those_named() -> None:
    assert {schema["function"]["name"] for schema in definitions.TOOLS} == set(TOOLS)
    assert not any(schema["function"]["parameters"]["additionalProperties"] for schema in definitions.TOOLS)
