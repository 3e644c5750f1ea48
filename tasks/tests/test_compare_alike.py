"""Texts that read alike are alike, however a keyboard wrote them."""

import importlib
import unicodedata
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from core.ids import uuid7
from tasks.models import Task
from testing.callers import Caller

MakeTask = Callable[..., Task]
# Composed, decomposed.
COFFEE: Final = (unicodedata.normalize("NFC", "Café Ångström"), unicodedata.normalize("NFD", "Café Ångström"))
NOTHING: Final = ["\u200b", "\ufeff\u2060", " \u200d ", "\u00ad", "\u3164", "\u2800", "\u034f\ufe0f", "\u200e\u202e"]
BOTH_WAYS = pytest.mark.parametrize(("stored", "sought"), [COFFEE, COFFEE[::-1]])


def titles(alice: Caller, query: str) -> list[str]:
    return [task["title"] for task in alice.get(f"{alice.tasks}?{query}").json["data"]]


@BOTH_WAYS
def test_a_search_finds_either(alice: Caller, make_task: MakeTask, stored: str, sought: str) -> None:
    make_task(alice, stored)
    make_task(alice, "x", description=stored)

    assert titles(alice, f"search={quote(sought.upper())}") == ["x", stored]


@BOTH_WAYS
def test_a_tag_is_one_either_way(alice: Caller, stored: str, sought: str) -> None:
    stored, sought = stored.split()[0], sought.split()[0]
    made = alice.post(alice.tasks, {"title": "x", "tags": [stored, sought, sought.upper()]})

    assert made.json["tags"] == [stored]
    assert titles(alice, f"tag={quote(sought)}") == ["x"]


@BOTH_WAYS
def test_a_chat_finds_the_task_either_way(alice: Caller, make_task: MakeTask, stored: str, sought: str) -> None:
    task = make_task(alice, stored)

    alice.post(f"/api/{alice.id}/chat", {"message": f"Complete {sought}"})

    assert alice.get(f"{alice.tasks}/{task.id}").json["completed"] is True


def test_titles_sort_alike(alice: Caller, make_task: MakeTask) -> None:
    for title in (f"{COFFEE[1]} 2", f"{COFFEE[0]} 3", f"{COFFEE[0]} 1"):
        make_task(alice, title)

    assert [title[-1] for title in titles(alice, "ordering=title")] == ["1", "2", "3"]


@pytest.mark.parametrize("title", NOTHING)
def test_a_title_that_shows_nothing_is_empty(alice: Caller, make_task: MakeTask, title: str) -> None:
    task = make_task(alice)

    assert alice.post(alice.tasks, {"title": title}).is_problem(422, "invalid")
    assert alice.patch(f"{alice.tasks}/{task.id}", {"title": title}).json["errors"][0]["code"] == "blank"
    assert alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "create", "data": {"title": title}}]}).status == 422
    assert alice.post(alice.tasks, {"title": "x", "tags": [title.strip()]}).is_problem(422, "invalid")
    assert alice.post(alice.tasks, {"title": "x", "description": title}).json["description"] is None
    assert alice.post(f"/api/{alice.id}/chat", {"message": title}).is_problem(422, "invalid")


@pytest.mark.parametrize("title", ["👩\u200d👩\u200d👧", "❤\ufe0f", "\u0645\u06cc\u200c\u062e", "\u200bx"])
def test_what_has_width_keeps_what_has_none(alice: Caller, title: str) -> None:
    assert alice.post(alice.tasks, {"title": title}).json["title"] == title


def test_what_is_stored_knows_how_it_is_compared(alice: Caller) -> None:
    now = timezone.now()
    task: Any = Task(
        id=uuid7(now), user_id=alice.id, title="OAT Milk", description="Ünfiltered", tags=["Shop"],
        created_at=now, updated_at=now,
    )  # fmt: skip

    Task.objects.bulk_create([task])

    assert (task.title_folded, task.description_folded, task.tag_keys) == ("oat milk", "ünfiltered", ["shop"])


@pytest.mark.names_no_owner("sweeps over all owners")
def test_old_rows_are_folded_again(alice: Caller, make_task: MakeTask) -> None:
    task: Any = make_task(alice, COFFEE[1], description=COFFEE[1], tags=[COFFEE[1].split()[0]])
    plain = make_task(alice, "Plain")
    folded = COFFEE[1].casefold()
    old = {"title_folded": folded, "description_folded": folded, "tag_keys": [folded.split()[0]]}
    Task.objects.filter(user_id=alice.id, id=task.id).update(**old)
    assert titles(alice, f"search={quote(COFFEE[0])}") == []

    importlib.import_module("tasks.migrations.0002_fold_alike").fold_again(apps, connection.schema_editor())

    assert titles(alice, f"search={quote(COFFEE[0])}&tag={quote(COFFEE[0].split()[0])}") == [COFFEE[1]]
    assert titles(alice, "search=plain") == [plain.title]
