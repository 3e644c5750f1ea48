"""How a task is named to the tools: by id, by number, by words of its title."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistant.tests.chat_facts import Say, error, result, tasks
from tasks import services
from tasks.models import Task
from testing.callers import Answer, Caller
from testing.model_answers import calls, says
from testing.model_server import ModelServer

Complete = Callable[..., Answer]
Make = Callable[..., Task]


@pytest.fixture
def call(alice: Caller, say: Say, model_server: ModelServer) -> Complete:
    """One tool call in a turn of its own."""

    def run(reference: Any, tool: str = "complete_task", **more: Any) -> Answer:
        model_server.script(calls((tool, {"task": reference})), says("Done."))
        answer = say(alice, "Go on", **more)
        assert answer.status == 200, answer
        return answer

    return run


def completed(caller: Caller) -> list[str]:
    return [task.title for task in tasks(caller) if task.completed]


def make_all(make_task: Make, caller: Caller, titles: Sequence[str]) -> list[Task]:
    return [make_task(caller, title) for title in titles]


@pytest.mark.parametrize("spell", [str.lower, str.upper, "  {} ".format, "'{}'".format])
def test_by_id(alice: Caller, make_task: Make, call: Complete, spell: Callable[[str], str]) -> None:
    task = make_all(make_task, alice, ["Pay rent", "Call mum"])[0]

    call(spell(str(task.id)))

    assert completed(alice) == ["Pay rent"]


def test_another_users_id_and_an_unknown_one_are_alike(
    alice: Caller, bob: Caller, make_task: Make, call: Complete
) -> None:
    his = make_task(bob, "His")
    gone = make_task(alice, "Gone")
    services.delete_task(alice.id, gone.id)

    errors = [result(call(str(task.id)))["error"] for task in (his, gone)]

    assert [
        {**told, "detail": told["detail"].replace(str(t.id), "")} for told, t in zip(errors, (his, gone), strict=True)
    ] == [{"code": "task_not_found", "detail": "No task matches \u201c\u201d."}] * 2
    assert completed(bob) == []


@pytest.mark.parametrize("reference", ["2", "#2", "# 2", 2, " #2 ", "02"])
def test_by_its_number_in_the_last_list_of_the_conversation(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, call: Complete, reference: Any
) -> None:
    make_all(make_task, alice, ["First", "Second", "Third"])
    model_server.script(calls(("list_tasks", {"ordering": "created_at"})), says("There."))
    number = say(alice, "List").json["conversation_id"]
    make_task(alice, "Newer")

    call(reference, conversation_id=number)

    assert completed(alice) == ["Second"]


def test_the_list_is_the_conversations_own(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, call: Complete
) -> None:
    make_all(make_task, alice, ["First", "Second"])
    model_server.script(calls(("list_tasks", {})), says("There."))
    say(alice, "List")

    answer = call("#2")

    assert error(answer) == "task_not_found"
    assert completed(alice) == []


@pytest.mark.parametrize("reference", ["0", "#0", "4", "#999", "-1", "9999999999", "#", "1.0"])
def test_a_number_of_none_is_not_found(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, call: Complete, reference: str
) -> None:
    make_all(make_task, alice, ["First", "Second", "Third"])
    model_server.script(calls(("list_tasks", {})), says("There."))
    number = say(alice, "List").json["conversation_id"]

    assert error(call(reference, conversation_id=number)) == "task_not_found"

    assert completed(alice) == []


@pytest.mark.parametrize("reference", ["2", "#2"])
def test_a_number_whose_task_is_gone_names_no_other(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, call: Complete, reference: str
) -> None:
    made = make_all(make_task, alice, ["First", "Buy 2 apples", "Third"])
    model_server.script(calls(("list_tasks", {"ordering": "created_at"})), says("There."))
    number = say(alice, "List").json["conversation_id"]
    services.delete_task(alice.id, made[1].id)
    make_task(alice, "Buy 2 pears")

    assert error(call(reference, conversation_id=number)) == "task_not_found"


@pytest.mark.parametrize(
    ("title", "reference"),
    [
        ("Buy milk", "buy MILK"),
        ("Buy milk", "'Buy milk'"),
        ("Buy milk", "\u201cBuy milk\u201d"),
        ("Buy milk", "milk"),
        ("Buy milk", "the milk task"),
        ("Buy milk", "milk buy"),
        ("\u00c9T\u00c9 \u00c0 Stra\u00dfe", "\u00e9t\u00e9 \u00e0 strasse"),
        ("\u0421\u0422\u0410\u0422\u042c\u042f", "\u0441\u0442\u0430\u0442\u044c\u044f"),
        ("100% sure", "100%"),
        ("under_score", "r_s"),
        ("it's \"quoted\" \\ back", "\"quoted\" \\"),
        ("\U0001f34e", "\U0001f34e"),
        ("Robert'); DROP TABLE tasks_task;--", "robert'); drop table tasks_task;--"),
    ],
)  # fmt: skip
def test_by_its_title_or_a_part(alice: Caller, make_task: Make, call: Complete, title: str, reference: str) -> None:
    make_all(make_task, alice, ["Something else", title, "100 percent", "understore"])

    call(reference)

    assert completed(alice) == [title]


@pytest.mark.parametrize("reference", ["%", "_", "b%k", "Buy_milk", "' OR 1=1 --", "the", "my task", ".*", "''", "\\"])
def test_nothing_is_a_pattern(alice: Caller, make_task: Make, call: Complete, reference: str) -> None:
    make_task(alice, "Buy milk")

    answer = call(reference)

    assert error(answer) in {"task_not_found", "invalid_arguments"}
    assert completed(alice) == []


@pytest.mark.parametrize("reference", ["", None, True, 1.5, [], ["1"], {"id": 1}])
def test_what_is_no_reference_is_an_error(alice: Caller, make_task: Make, call: Complete, reference: Any) -> None:
    make_task(alice, "Buy milk")

    assert error(call(reference)) == "invalid_arguments"

    assert completed(alice) == []


def test_an_exact_title_wins_over_parts(alice: Caller, make_task: Make, call: Complete) -> None:
    make_all(make_task, alice, ["Buy milk and eggs", "Buy milk", "Don't buy milk"])

    call("buy milk")

    assert completed(alice) == ["Buy milk"]


def test_several_are_listed_and_become_the_numbers(
    alice: Caller, say: Say, model_server: ModelServer, make_task: Make, call: Complete
) -> None:
    made = make_all(make_task, alice, ["Call mum", "Call dad", "Pay rent"])

    answer = call("call")

    told = result(answer)["error"]
    assert told["code"] == "ambiguous_task"
    assert [(match["number"], match["title"], match["id"]) for match in told["matches"]] == [
        (1, "Call dad", str(made[1].id)),
        (2, "Call mum", str(made[0].id)),
    ]
    assert completed(alice) == []

    call("2", conversation_id=answer.json["conversation_id"])

    assert completed(alice) == ["Call mum"]


def test_no_more_than_ten_are_listed(alice: Caller, make_task: Make, call: Complete) -> None:
    make_all(make_task, alice, [f"Call {number}" for number in range(15)])

    assert len(result(call("call"))["error"]["matches"]) == 10


def test_the_open_one_is_meant_to_be_completed_and_the_completed_one_to_be_reopened(
    alice: Caller, make_task: Make, call: Complete
) -> None:
    opened, done = make_task(alice, "Water plants"), make_task(alice, "Water plants", completed=True)

    assert result(call("water plants"))["task"]["id"] == str(opened.id)
    services.edit_task(alice.id, opened.id, {"completed": False})
    assert result(call("water plants", "reopen_task"))["task"]["id"] == str(done.id)


def test_the_open_one_is_found_behind_many_completed_ones(alice: Caller, make_task: Make, call: Complete) -> None:
    opened = make_task(alice, "Water plants")
    for _ in range(15):
        make_task(alice, "Water plants", completed=True)

    assert result(call("water plants"))["task"]["id"] == str(opened.id)


def test_the_only_match_is_meant_whatever_its_state(alice: Caller, make_task: Make, call: Complete) -> None:
    make_task(alice, "Water plants", completed=True)

    assert result(call("plants"))["unchanged"] is True


def test_of_a_long_reference_two_hundred_characters_count(alice: Caller, make_task: Make, call: Complete) -> None:
    make_all(make_task, alice, ["x" * 200, "x" * 199 + "y"])

    call("x" * 200 + "z")

    assert completed(alice) == ["x" * 200]


def test_of_a_longer_reference_twenty_words_count(alice: Caller, make_task: Make, call: Complete) -> None:
    words = [f"w{number}" for number in range(20)]
    make_all(make_task, alice, [" ".join(words), " ".join([*words[:19], "other"])])

    call(" ".join([*words, "more"]))

    assert completed(alice) == [" ".join(words)]


def test_no_more_than_three_thousand_titles_are_compared(alice: Caller, make_task: Make, call: Complete) -> None:
    make_task(alice, "Buy milk")

    with CaptureQueriesContext(connection) as queries:
        call("the milk")

    assert any("LIMIT 3000" in query["sql"] for query in queries)
