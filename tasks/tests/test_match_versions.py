"""``ETag``, ``If-None-Match`` and ``If-Match`` (RFC 9110, section 13)."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tasks.models import Task
from testing.callers import Answer, Caller, in_parallel

MakeTask = Callable[..., Task]
MISSING: Final = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"
# Method, path after the task's, body: each changes an open task titled "Buy groceries".
CHANGES: Final[list[tuple[str, str, Any]]] = [
    ("PUT", "", {"title": "New"}),
    ("PATCH", "", {"title": "New"}),
    ("PATCH", "/complete", {"completed": True}),
    ("PATCH", "/complete", None),
    ("PATCH", "/toggle", None),
    ("DELETE", "", None),
]
EACH_CHANGE = pytest.mark.parametrize(("method", "suffix", "body"), CHANGES)


def versions(alice: Caller) -> list[int]:
    return [task.version for task in Task.objects.visible_to(alice.user)]


def test_every_answer_with_a_single_task_carries_its_version(alice: Caller) -> None:
    created = alice.post(alice.tasks, {"title": "x"})
    path = created.headers["Location"]

    assert created.headers["ETag"] == alice.get(path).headers["ETag"] == alice.send("HEAD", path).headers["ETag"]
    answers = [
        alice.put(path, {"title": "y"}),
        alice.patch(path, {"title": "z"}),
        alice.patch(f"{path}/complete", {"completed": True}),
        alice.patch(f"{path}/toggle"),
    ]
    tags = [created.headers["ETag"], *(answer.headers["ETag"] for answer in answers)]
    assert len(set(tags)) == 5
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)
    assert alice.get(f"/api/{alice.id}/{created.json['id']}").headers["ETag"] == tags[-1]


def test_an_edit_that_changes_nothing_keeps_the_tag(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    assert alice.patch(path, {"title": "Buy groceries"}).headers["ETag"] == alice.get(path).headers["ETag"]


# --- Reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"nope", {}', '"a",,W/{} ', "*"])
def test_a_known_version_is_304_without_a_body(alice: Caller, make_task: MakeTask, method: str, form: str) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    full = alice.get(path)
    tag = full.headers["ETag"]

    answer = alice.send(method, path, If_None_Match=form.format(tag))

    assert answer.status == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == tag
    # RFC 9110, section 8.6: the length that the body would have, or none at all.
    assert answer.headers["Content-Length"] == full.headers["Content-Length"]
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("sent", ['"0"', '"11"', "1", "'1'", "", "nonsense"])
def test_another_version_is_200(alice: Caller, make_task: MakeTask, sent: str) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    assert alice.get(path, If_None_Match=sent).json["title"] == "Buy groceries"


def test_a_changed_task_is_sent_again(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    tag = alice.get(path).headers["ETag"]
    alice.patch(path, {"title": "New"})

    assert alice.get(path, If_None_Match=tag).json["title"] == "New"


def test_the_tag_says_nothing_to_strangers(alice: Caller, bob: Caller, anonymous: Caller, make_task: MakeTask) -> None:
    task = make_task(alice)

    assert anonymous.get(f"{alice.tasks}/{task.id}", If_None_Match="*").is_problem(401)
    assert bob.get(f"{alice.tasks}/{task.id}", If_None_Match="*").is_problem(403)
    assert bob.get(f"{bob.tasks}/{task.id}", If_None_Match="*").is_problem(404)


def test_if_match_holds_for_reading_too(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    tag = alice.get(path).headers["ETag"]

    assert alice.get(path, If_Match=tag).status == 200
    assert alice.get(path, If_Match='"0"').is_problem(412, "precondition_failed")


# --- Writing --------------------------------------------------------------------------------------


@EACH_CHANGE
@pytest.mark.parametrize("form", ["{}", '"9", {}', "*", " * "])
def test_a_matching_version_is_changed(
    alice: Caller, make_task: MakeTask, method: str, suffix: str, body: Any, form: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    sent = form.format(alice.get(path).headers["ETag"])

    answer = alice.send(method, path + suffix, body, If_Match=sent)

    assert answer.status in (200, 204)
    assert versions(alice) == ([] if method == "DELETE" else [2])


@EACH_CHANGE
@pytest.mark.parametrize(
    "sent", ['"2"', 'W/"1"', '"01"', '"9", W/"1"', "1", "", "nonsense", f'"{"9" * 40}"', '"1', '"\xe9"']
)
def test_any_other_version_is_412_and_nothing_changes(
    alice: Caller, make_task: MakeTask, method: str, suffix: str, body: Any, sent: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    before = alice.get(path).content

    assert alice.send(method, path + suffix, body, If_Match=sent).is_problem(412, "precondition_failed")

    assert alice.get(path).content == before
    assert versions(alice) == [1]


@EACH_CHANGE
def test_what_was_read_before_another_change_is_stale(
    alice: Caller, make_task: MakeTask, method: str, suffix: str, body: Any
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    tag = alice.get(path).headers["ETag"]
    alice.patch(path, {"description": "In between"})

    assert alice.send(method, path + suffix, body, If_Match=tag).is_problem(412, "precondition_failed")

    assert versions(alice) == [2]


@EACH_CHANGE
@pytest.mark.parametrize("sent", ["*", '"1"', "nonsense"])
def test_a_missing_task_is_404_before_the_condition(
    alice: Caller, bob: Caller, make_task: MakeTask, method: str, suffix: str, body: Any, sent: str
) -> None:
    task = make_task(bob)

    for task_id in (MISSING, "no-uuid", task.id):
        answer = alice.send(method, f"{alice.tasks}/{task_id}{suffix}", body, If_Match=sent)
        assert answer.is_problem(404, "task_not_found")
    assert alice.send(method, f"{bob.tasks}/{task.id}{suffix}", body, If_Match=sent).is_problem(403)


@pytest.mark.parametrize("body", [{"title": "Buy groceries"}, {}, {"completed": False}])
def test_a_change_that_is_none_still_has_its_condition(alice: Caller, make_task: MakeTask, body: object) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    before = alice.get(path)

    matching = alice.patch(path, body, If_Match=before.headers["ETag"])

    assert (matching.status, matching.content) == (200, before.content)
    assert alice.patch(path, body, If_Match='"2"').is_problem(412, "precondition_failed")


def test_a_bad_body_is_422_before_the_condition(alice: Caller, make_task: MakeTask) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    assert alice.patch(path, {"title": 1}, If_Match='"2"').is_problem(422, "invalid")


@EACH_CHANGE
@pytest.mark.parametrize("sent", ["*", " * ", '"1"', 'W/"1"', '"7", W/"1"'])
def test_a_version_that_the_change_is_not_to_be_made_to_is_412(
    alice: Caller, make_task: MakeTask, method: str, suffix: str, body: Any, sent: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    before = alice.get(path).content

    assert alice.send(method, path + suffix, body, If_None_Match=sent).is_problem(412, "precondition_failed")
    assert alice.send(method, path + suffix, body, If_Match='"1"', If_None_Match=sent).is_problem(412)
    beside = f"/api/{alice.id}/{path.rpartition('/')[2]}{suffix}"
    assert alice.send(method, beside, body, If_None_Match=sent).is_problem(412)

    assert alice.get(path).content == before
    assert versions(alice) == [1]


@EACH_CHANGE
@pytest.mark.parametrize("sent", ['"2"', '"12"', "nonsense", "", "1"])
def test_a_version_the_caller_has_not_seen_is_changed(
    alice: Caller, make_task: MakeTask, method: str, suffix: str, body: Any, sent: str
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"

    assert alice.send(method, path + suffix, body, If_Match='"1", "3"', If_None_Match=sent).status in (200, 204)


def test_a_missing_task_is_404_before_if_none_match(alice: Caller) -> None:
    for method, suffix, body in CHANGES:
        answer = alice.send(method, f"{alice.tasks}/{MISSING}{suffix}", body, If_None_Match="*")
        assert answer.is_problem(404, "task_not_found")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@EACH_CHANGE
def test_of_twenty_writers_with_the_same_version_one_wins(
    alice: Caller, make_task: MakeTask, method: str, suffix: str, body: Any
) -> None:
    path = f"{alice.tasks}/{make_task(alice).id}"
    tag = alice.get(path).headers["ETag"]

    def write(number: int) -> Answer:
        own = {"title": f"Writer {number}"} if body and "title" in body else body
        return alice.send(method, path + suffix, own, If_Match=tag)

    answers = in_parallel([lambda number=number: write(number) for number in range(20)])  # type: ignore[misc] # the default binds the loop's value

    lost = [answer for answer in answers if answer.status not in (200, 204)]
    assert len(lost) == 19
    if method == "DELETE":
        assert all(answer.is_problem(404) or answer.is_problem(412) for answer in lost)
    else:
        assert all(answer.is_problem(412, "precondition_failed") for answer in lost)
        assert versions(alice) == [2]
