"""What one account may have the service hold in memory and keep."""

import secrets
import zlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from accounts import limits
from core.idempotency import claims
from core.ids import uuid7
from core.limits.allowances import Rate
from core.models import IdempotencyKey
from tasks.lists import pages as lists
from tasks.lists.pages import seat
from tasks.models import Task
from testing.callers import Answer, Caller

pytestmark = pytest.mark.django_db

FOUR_MEGABYTES = 4 * 1024 * 1024
START = datetime(2026, 1, 1, tzinfo=UTC)
# 4 bytes each.
LONG = "\U0001f600" * 1000


def fill(owner: Caller, count: int, description: str = LONG) -> list[str]:
    instants = [START + timedelta(seconds=number) for number in range(count)]
    made = [
        Task(id=uuid7(at), user_id=owner.id, title="x", description=description, created_at=at, updated_at=at)
        for at in instants
    ]
    Task.objects.bulk_create(made)
    return [str(task.id) for task in reversed(made)]


def noise(length: int) -> str:
    return "".join(chr(0x4E00 + secrets.randbelow(20_000)) for _ in range(length))


def test_four_long_pages_are_written_at_once_and_any_number_of_short_ones() -> None:
    def is_free() -> bool:
        got = lists._seat.acquire(blocking=False)  # noqa: SLF001 - nothing else tells without waiting
        if got:
            lists._seat.release()  # noqa: SLF001 - as above
        return got

    with ExitStack() as taken:
        for _ in range(3):
            taken.enter_context(seat(251))
        taken.enter_context(seat(250))
        assert is_free()
        taken.enter_context(seat(251))
        assert not is_free()
    assert is_free()


def walk(caller: Caller, query: str) -> list[Answer]:
    pages = [caller.get(f"{caller.tasks}{query}")]
    while cursor := pages[-1].json["meta"]["next_cursor"]:
        pages.append(caller.get(f"{caller.tasks}{query}{'&' if query else '?'}cursor={cursor}"))
    return pages


@pytest.mark.parametrize("query", ["", "?limit=1000", "?ordering=due_at", "?ordering=-title"])
def test_a_page_ends_at_four_megabytes_and_the_next_goes_on(alice: Caller, query: str) -> None:
    made = fill(alice, 1500)

    pages = walk(alice, query)

    assert len(pages) == 2
    assert FOUR_MEGABYTES * 0.99 < len(pages[0].content) < FOUR_MEGABYTES + 1000
    assert len(pages[0].content) + len(pages[1].content) > FOUR_MEGABYTES
    seen = [task["id"] for page in pages for task in page.json["data"]]
    assert seen == (made if query in ("", "?limit=1000", "?ordering=-title") else made[::-1])


def test_short_tasks_still_come_all_at_once(alice: Caller) -> None:
    made = fill(alice, 2100, "short")

    [page] = walk(alice, "")

    assert [task["id"] for task in page.json["data"]] == made


def test_a_page_size_that_is_a_whole_number_of_statements_ends_there(alice: Caller, settings: Settings) -> None:
    settings.PAGE_SIZE = 1000
    made = fill(alice, 2000, "short")

    pages = walk(alice, "")

    assert [len(page.json["data"]) for page in pages] == [1000, 1000]
    assert [task["id"] for page in pages for task in page.json["data"]] == made


def complete(caller: Caller, ids: list[str], key: str) -> Answer:
    operations = [{"op": "complete", "id": task_id} for task_id in ids]
    return caller.post(f"{caller.tasks}/bulk", {"operations": operations}, Idempotency_Key=key)


def test_a_kept_answer_is_compressed_and_comes_again_as_it_was(alice: Caller) -> None:
    ids = fill(alice, 100)

    first, second = complete(alice, ids, "a"), complete(alice, ids, "a")

    assert len(first.content) > 300_000
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.content == first.content
    content = bytes(IdempotencyKey.objects.get(user_id=alice.id).content)
    assert len(content) < 20_000
    assert zlib.decompress(content) == first.content


def test_one_that_is_too_large_to_keep_is_422_and_nothing_is_done(alice: Caller) -> None:
    ids = [fill(alice, 1, noise(1000))[0] for _ in range(100)]

    refused = complete(alice, ids, "a")

    assert refused.is_problem(422, "answer_too_large")
    assert not Task.objects.filter(user_id=alice.id, completed=True).exists()
    assert complete(alice, ids[:10], "a").status == 200
    assert alice.post(f"{alice.tasks}/bulk", {"operations": [{"op": "complete", "id": ids[20]}]}).status == 200
    kept = IdempotencyKey.objects.get(user_id=alice.id)
    assert len(bytes(kept.content)) <= claims.MAX_KEPT_BYTES


def test_a_bulk_counts_as_its_operations(alice: Caller, settings: Settings) -> None:
    settings.API_RATE_LIMIT = Rate(10, 3600)
    limits.forget_calls()
    new = {"op": "create", "data": {"title": "New"}}

    first = alice.post(f"{alice.tasks}/bulk", {"operations": [new] * 6})
    second = alice.post(f"{alice.tasks}/bulk", {"operations": [new] * 6})

    assert first.status == 200
    assert first.headers["RateLimit-Remaining"] == "4"
    assert second.is_problem(429, "too_many_requests")
    assert Task.objects.filter(user_id=alice.id).count() == 6
    # The refused one has cost one.
    assert alice.get(alice.tasks).headers["RateLimit-Remaining"] == "2"
