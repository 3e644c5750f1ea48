from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tasks.models import Priority, Task
from testing.callers import Answer, Caller

MakeTask = Callable[..., Task]
DAY = datetime(2026, 1, 14, tzinfo=UTC)
ORDERS = ["created_at", "updated_at", "due_at", "priority", "title"]
SIGNS = pytest.mark.parametrize("sign", ["", "-"])


def titles(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [task["title"] for task in answer.json["data"]]


def ordered(caller: Caller, ordering: str) -> list[str]:
    return titles(caller.get(f"{caller.tasks}?ordering={ordering}"))


def test_by_creation(alice: Caller, make_task: MakeTask) -> None:
    for title in ("first", "second", "third"):
        make_task(alice, title)

    assert ordered(alice, "created_at") == ["first", "second", "third"]
    assert ordered(alice, "-created_at") == ["third", "second", "first"]
    assert alice.get(alice.tasks).json["data"] == alice.get(f"{alice.tasks}?ordering=-created_at").json["data"]


def test_by_last_change(alice: Caller, make_task: MakeTask) -> None:
    made = [make_task(alice, title) for title in ("first", "second", "third")]
    alice.patch(f"{alice.tasks}/{made[1].id}", {"priority": "low"})

    assert ordered(alice, "updated_at") == ["first", "third", "second"]
    assert ordered(alice, "-updated_at") == ["second", "third", "first"]


def test_by_due_time_with_none_last_in_both_directions(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice, "never 1")
    make_task(alice, "later", due_at=DAY + timedelta(microseconds=1))
    make_task(alice, "soon", due_at=DAY)
    make_task(alice, "never 2")
    make_task(alice, "long ago", due_at=datetime(1, 1, 1, tzinfo=UTC))

    assert ordered(alice, "due_at") == ["long ago", "soon", "later", "never 1", "never 2"]
    assert ordered(alice, "-due_at") == ["later", "soon", "long ago", "never 2", "never 1"]


def test_by_priority_low_medium_high(alice: Caller, make_task: MakeTask) -> None:
    for priority in (Priority.HIGH, Priority.LOW, Priority.MEDIUM):
        make_task(alice, priority.label, priority=priority)

    assert ordered(alice, "priority") == ["low", "medium", "high"]
    assert ordered(alice, "-priority") == ["high", "medium", "low"]


def test_by_title_without_case_by_code_point(alice: Caller, make_task: MakeTask) -> None:
    wanted = [
        "\x01", '"', "0", "10", "9", "Ab", "aB c", "abc", "ABD", "b", "Z", "_", "a\x7f", "ÄB", "ß", "zz", "é",
        "\u2028x", "\ufffd", "\U0001f600",
    ]  # fmt: skip
    wanted.sort(key=lambda title: [ord(character) for character in title.casefold()])
    for title in sorted(wanted, key=hash):
        make_task(alice, title)

    assert ordered(alice, "title") == wanted
    assert ordered(alice, "-title") == wanted[::-1]
    assert wanted.index("ß") < wanted.index("zz") < wanted.index("ÄB")


@SIGNS
@pytest.mark.parametrize("order", ORDERS[1:])
def test_equal_keys_are_in_the_order_of_ids_in_the_same_direction(
    alice: Caller, make_task: MakeTask, order: str, sign: str
) -> None:
    made = [make_task(alice, ("Same", "SAME", "same")[number % 3], due_at=DAY) for number in range(6)]
    Task.objects.filter(user_id=alice.id).update(updated_at=DAY)
    expected = [str(task.id) for task in made]

    found = [task["id"] for task in alice.get(f"{alice.tasks}?ordering={sign}{order}").json["data"]]

    assert found == (expected[::-1] if sign else expected)


@SIGNS
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_join_up_in_every_order(alice: Caller, make_task: MakeTask, order: str, sign: str, limit: int) -> None:
    for number in range(7):
        due_at = None if number % 3 == 0 else DAY + timedelta(hours=number % 2)
        make_task(alice, f"{'Éx'[number % 2]}", due_at=due_at, priority=Priority(1 + number % 3))
    path = f"{alice.tasks}?ordering={sign}{order}"
    whole = [task["id"] for task in alice.get(path).json["data"]]

    seen, cursor = list[str](), ""
    while True:
        answer = alice.get(f"{path}&limit={limit}{cursor}").json
        seen += [task["id"] for task in answer["data"]]
        if answer["meta"]["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['meta']['next_cursor']}"

    assert seen == whole
    assert len(set(whole)) == 7


def test_the_longest_title_fits_into_index_and_cursor(alice: Caller, make_task: MakeTask) -> None:
    """Folded, each of these characters becomes three of two bytes: the most there is."""
    for _ in range(3):
        make_task(alice, "\u0390" * 200)

    first = alice.get(f"{alice.tasks}?ordering=title&limit=1")
    link = first.headers["Link"].partition("<http://testserver")[2].partition(">")[0]

    assert alice.get(link).json["meta"]["count"] == 1
    # The least that servers and proxies take for a request line.
    assert len(link) < 4000


@pytest.mark.parametrize(
    "other", ["", "ordering=title", "ordering=-due_at", "ordering=due_at&completed=false", "ordering=due_at&tag=x"]
)
def test_a_cursor_fits_its_own_order_and_filters_only(alice: Caller, make_task: MakeTask, other: str) -> None:
    for _ in range(3):
        make_task(alice)
    cursor = alice.get(f"{alice.tasks}?limit=1&ordering=due_at").json["meta"]["next_cursor"]

    assert alice.get(f"{alice.tasks}?ordering=due_at&cursor={cursor}").json["meta"]["count"] == 2
    answer = alice.get(f"{alice.tasks}?{other}&cursor={cursor}")
    assert answer.is_problem(422, "invalid")
    assert answer.json["errors"][0] | {"detail": ""} == {"field": "cursor", "detail": "", "code": "invalid_cursor"}


def test_the_link_to_the_next_page_keeps_every_parameter(alice: Caller, make_task: MakeTask) -> None:
    for number in range(3):
        make_task(alice, f"a {number}", tags=["x", "y"])

    link = alice.get(f"{alice.tasks}?tag=x&tag=y&search=a&ordering=title&limit=2").headers["Link"]
    rest = alice.get(link.partition("<http://testserver")[2].partition(">")[0])

    assert titles(rest) == ["a 2"]
