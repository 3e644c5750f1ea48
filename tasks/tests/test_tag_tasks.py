from collections.abc import Callable
from urllib.parse import quote

import pytest

from tasks import services
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


def found(caller: Caller, query: str) -> set[str]:
    answer = caller.get(f"{caller.tasks}?{query}")
    assert answer.status == 200, answer
    return {task["title"] for task in answer.json["data"]}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([], []),
        (["Work"], ["Work"]),
        ([" work ", "home\n"], ["work", "home"]),
        (["Work", "home", "WORK", "work"], ["Work", "home"]),
        (["Straße", "STRASSE"], ["Straße"]),
        (["b", "a", "c"], ["b", "a", "c"]),
        (["x" * 50, "\N{PILE OF POO}" * 50], ["x" * 50, "\N{PILE OF POO}" * 50]),
        ([str(number) for number in range(20)], [str(number) for number in range(20)]),
        (["Tag", "tAg"] * 30, ["Tag"]),
        (["a,b", '"quoted"', "back\\slash", "100%", "l'été", "#next"],) * 2,
        (["\N{WOMAN}\u200d\N{PERSONAL COMPUTER}"],) * 2,
    ],
)
def test_tags_are_kept_as_they_were_first_spelled(alice: Caller, sent: list[str], kept: list[str]) -> None:
    created = alice.post(alice.tasks, {"title": "x", "tags": sent})

    assert created.json["tags"] == kept
    assert alice.get(f"{alice.tasks}/{created.json['id']}").content == created.content


NO_TAGS: list[object] = [
    None,
    "work",
    5,
    True,
    {},
    {"work": 1},
    [1],
    [None],
    [True],
    [["work"]],
    [{}],
    [""],
    ["  "],
    ["two words"],
    ["two\u2003words"],
    ["line\u2028break"],
    ["x" * 51],
    ["a\0b"],
    ["bell\a"],
    ["ok", "x\x7f"],
    [str(number) for number in range(21)],
]
BAD: list[object] = [
    *({"tags": value} for value in NO_TAGS),
    b'{"tags": ["\\ud800"]}',
    b'{"tags": ["ok", "a\\u0000"]}',
]


@pytest.mark.parametrize("body", BAD)
def test_what_are_no_tags_is_422_names_the_field_and_changes_nothing(
    alice: Caller, make_task: MakeTask, body: object
) -> None:
    path = f"{alice.tasks}/{make_task(alice, tags=['old']).id}"
    before = alice.get(path).content

    answer = alice.patch(path, body)

    assert answer.is_problem(422, "invalid")
    [error] = answer.json["errors"]
    assert error["field"] == "tags"
    assert error["detail"] in (
        "Must be a list of at most 20 words of 1 to 50 characters.",
        "This field may not be null.",
    )
    assert alice.get(path).content == before


def test_a_change_that_is_none_moves_nothing_and_another_spelling_is_one(alice: Caller) -> None:
    created = alice.post(alice.tasks, {"title": "x", "tags": ["Work", "home"]})
    path = f"{alice.tasks}/{created.json['id']}"

    for same in (["Work", "home"], [" Work ", "home", "HOME"]):
        assert alice.patch(path, {"tags": same}).content == created.content
    for number, other in enumerate((["work", "home"], ["home", "work"], [], ["a"]), start=2):
        assert alice.patch(path, {"tags": other}).json["tags"] == other
        assert Task.objects.visible_to(alice.user).get().version == number


def test_the_filter_finds_tags_without_case_and_all_of_several(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice, "both", tags=["Work", "Übung"])
    make_task(alice, "work", tags=["WORK"])
    make_task(alice, "longer", tags=["workshop"])
    make_task(alice, "none")

    assert found(alice, "tag=work") == {"both", "work"}
    assert found(alice, "tag=%20wOrK") == {"both", "work"}
    assert found(alice, f"tag=work&tag={quote('ÜBUNG')}") == {"both"}
    assert found(alice, "tag=work&tag=Work&tag=WORK") == {"both", "work"}
    assert found(alice, "tag=wor") == set()
    assert found(alice, "tag=work&tag=nothing") == set()


@pytest.mark.parametrize("tag", ['"', "\\", "'", "%", "_", "{a,b}", "[1]", "a,b", "NULL", "$1", "%s", "{}", "💩"])
def test_odd_tags_are_found_and_find_nothing_else(alice: Caller, make_task: MakeTask, tag: str) -> None:
    make_task(alice, "odd", tags=["other", tag])
    make_task(alice, "plain", tags=["other", "word"])

    assert found(alice, f"tag={quote(tag)}") == {"odd"}


def test_the_filter_follows_every_change(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice, 'x', tags=['old']).id}"

    alice.patch(path, {"tags": ["new"]})
    assert found(alice, "tag=old") == set()
    assert found(alice, "tag=NEW") == {"x"}

    alice.put(path, {"title": "y"})
    assert found(alice, "tag=new") == {"y"}

    alice.patch(path, {"tags": []})
    assert found(alice, "tag=new") == set()


def test_another_users_tags_are_their_own(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(bob, "his", tags=["work"])

    assert found(alice, "tag=work") == set()
    assert found(bob, "tag=work") == {"his"}


@pytest.mark.parametrize("tag", ["%20", "two%20words", "x" * 51, "%00", "a%07", "work&tag=%20"])
def test_a_tag_that_makes_no_sense_is_422_and_named(alice: Caller, tag: str) -> None:
    answer = alice.get(f"{alice.tasks}?tag={tag}")

    assert answer.is_problem(422, "invalid")
    assert [error["field"] for error in answer.json["errors"]] == ["tag"]


def test_tags_that_differ_in_case_become_one_by_every_door(alice: Caller) -> None:
    task = services.create_task(alice.id, title="x", tags=["Work", "WORK"])
    [other] = services.create_tasks(alice.id, [{"title": "y", "tags": ["Work", "WORK"]}])

    assert task.tags == other.tags == ["Work"]
    assert services.edit_task(alice.id, task.id, {"tags": ["a", "B", "b", "A"]}).tags == ["a", "B"]
    assert found(alice, "tag=b&tag=A") == {"x"}


def test_a_task_without_tags_takes_no_room_in_their_index(alice: Caller) -> None:
    """PostgreSQL's holds the rows whose keys are not null."""
    path = f"{alice.tasks}/{alice.post(alice.tasks, {'title': 'x'}).json['id']}"
    stored = Task.objects.visible_to(alice.user)

    assert stored.get(tag_keys__isnull=True).tag_keys is None
    alice.patch(path, {"tags": ["home"]})
    assert stored.get(tag_keys__isnull=False).tag_keys == ["home"]
    alice.patch(path, {"tags": []})
    assert stored.get(tag_keys__isnull=True).tag_keys is None
