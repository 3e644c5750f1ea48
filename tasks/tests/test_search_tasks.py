from collections.abc import Callable
from urllib.parse import quote

import pytest

from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]


def found(caller: Caller, words: str) -> set[str]:
    answer = caller.get(f"{caller.tasks}?search={quote(words)}")
    assert answer.status == 200, answer
    return {task["title"] for task in answer.json["data"]}


def test_every_word_occurs_in_title_or_description(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice, "Buy milk", description="and bread")
    make_task(alice, "Buy bread")
    make_task(alice, "Call mum", description="Buy her milk")

    assert found(alice, "milk") == {"Buy milk", "Call mum"}
    assert found(alice, "bread buy") == {"Buy milk", "Buy bread"}
    assert found(alice, " buy\tmilk\n") == {"Buy milk", "Call mum"}
    assert found(alice, "buy buy BUY") == {"Buy milk", "Buy bread", "Call mum"}
    assert found(alice, "milk bread mum") == set()
    assert found(alice, "ilk") == {"Buy milk", "Call mum"}


@pytest.mark.parametrize("words", ["", " ", "\u2003\n"])
def test_no_words_find_everything(alice: Caller, make_task: MakeTask, words: str) -> None:
    make_task(alice, "x")

    assert found(alice, words) == {"x"}


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Groceries", "gROCERIES"),
        ("ÉCOLE", "école"),
        ("straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("Ωμέγα Σίσυφος", "ωΜΈΓΑ ΣΊΣΥΦΟΣ"),
        ("ЁЛКА", "ёлка"),
        ("Ǆungla", "ǆungla"),
        ("ﬁle", "FILE"),
        ("𐐀𐐁", "𐐨𐐩"),
        ("日本語の本", "本語"),
        ("İzmir", "i̇zmir"),
        ("\N{PILE OF POO} party", "\N{PILE OF POO}"),
    ],
)
def test_case_does_not_matter_in_any_script(alice: Caller, make_task: MakeTask, title: str, words: str) -> None:
    make_task(alice, title)
    make_task(alice, "in the description", description=title)
    make_task(alice, "other")

    assert found(alice, words) == {title, "in the description"}


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("100% sure", "0%"),
        ("snake_case", "e_c"),
        ("C:\\temp", ":\\t"),
        ("ends in \\", "\\"),
        ("it's", "t's"),
        ('say "hi"', '"hi"'),
        ("a%s b", "%s"),
        ("x; DROP TABLE tasks_task; --", "tasks_task;"),
        ("[a-z]*", "[a-z]*"),
        ("%(name)s", "%(name)s"),
        ("{braces}", "{braces}"),
    ],
)
def test_special_characters_are_text(alice: Caller, make_task: MakeTask, title: str, word: str) -> None:
    make_task(alice, title)
    make_task(alice, "100 snakeXcase C:temp its say hi a b nothing az name")

    assert found(alice, word) == {title}


def test_a_word_does_not_reach_from_title_to_description(alice: Caller, make_task: MakeTask) -> None:
    make_task(alice, "mil", description="k")

    assert found(alice, "milk") == set()
    assert found(alice, "mil k") == {"mil"}


def test_the_search_follows_every_change(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice, 'Old', description='Before').id}"

    alice.patch(path, {"title": "NEW"})
    assert found(alice, "old") == set()
    assert found(alice, "new before") == {"NEW"}

    alice.put(path, {"description": "AFTER"})
    assert found(alice, "before") == set()
    assert found(alice, "new after") == {"NEW"}

    alice.patch(path, {"description": None})
    assert found(alice, "after") == set()
    assert found(alice, "new") == {"NEW"}


def test_another_users_words_are_their_own(alice: Caller, bob: Caller, make_task: MakeTask) -> None:
    make_task(bob, "secret")

    assert found(alice, "secret") == set()


def test_pages_of_a_search_join_up(alice: Caller, make_task: MakeTask) -> None:
    for number in range(7):
        make_task(alice, f"{'Milk' if number % 2 else 'bread'} {number}")

    first = alice.get(f"{alice.tasks}?search=milk&limit=2").json
    rest = alice.get(f"{alice.tasks}?search=MILK&limit=2&cursor={first['meta']['next_cursor']}").json

    assert [task["title"] for task in first["data"] + rest["data"]] == ["Milk 5", "Milk 3", "Milk 1"]


def test_twenty_words_are_searched_for_and_no_more(alice: Caller, make_task: MakeTask) -> None:
    words = [f"w{number}" for number in range(20)]
    make_task(alice, " ".join(words))

    assert found(alice, " ".join(words)) == {" ".join(words)}
    assert found(alice, " ".join([*words, "W7"])) == {" ".join(words)}
    refused = alice.get(f"{alice.tasks}?search={quote(' '.join([*words, 'more']))}")
    assert refused.is_problem(422)
    assert [error["field"] for error in refused.json["errors"]] == ["search"]
