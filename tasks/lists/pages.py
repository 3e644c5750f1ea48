"""A list's pages: what a request asks for, and the one statement that finds and writes a page.

Raw SQL: the ORM takes longer to compile such a statement than the database to run it.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import BoundedSemaphore
from typing import Any, Final

import orjson
from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.rest.openapi.declaring import component, record
from core.rest.pagination import PAGE_META, KeysetPagination
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.replica.reading import Fetch
from core.sql.statements import is_postgresql
from tasks.entries import LAST_NUMBER
from tasks.lists.arrays import JsonArray
from tasks.lists.filters import read_ordering, read_selection
from tasks.lists.openapi import list_parameters
from tasks.lists.orderings import Ordering, Position, Stretch
from tasks.lists.reading import reader, written_columns
from tasks.lists.selections import Selection
from tasks.representation import from_stored, shown

META_OF_TASKS: Final = component(
    "TaskPageMeta",
    {
        **PAGE_META,
        "required": [*PAGE_META["required"], "version"],
        "properties": {
            **PAGE_META["properties"],
            "version": {
                "type": "integer",
                "minimum": 0,
                "description": "The number of the last change that the page contains, for `GET "
                "/api/{user_id}/changes`; of a walk over pages the first one's counts.",
            },
        },
    },
)
# A page of so many fits in any case.
SMALL: Final = 250
# Tasks in one statement: what a page leaves over is read in vain.
AT_ONCE: Final = 1000
# A query that is the same in every encoding, and short: no cursor, no time, no person's words.
PLAIN: Final = re.compile(r"[A-Za-z0-9_=&-]{0,80}", re.ASCII)
# Of a process: what lists hold in memory at once, and that threads are left for everything else.
_seat: Final = BoundedSemaphore(4)


class TaskPagination(KeysetPagination):
    """Pages of one owner's tasks in any order."""

    noun = "Tasks"

    def answer_list(self, request: Request, user_id: str) -> Response:
        """That user's tasks, as the request's parameters want them.

        Raises ``ValidationError`` naming the parameter that makes no sense.
        """
        query, selection, ordering = self._read(request)
        size, after = self.begin(request, f"tasks {user_id} {selection!r} {ordering!r}", query)
        position, skip, fetch = (after[0], after[1]) if after else None, self.skip(query), reader()
        page = read_page(user_id, selection, ordering, position, size, skip, fetch)
        self.end(page.last)
        self.count_all = partial(count_tasks, user_id, selection, fetch)
        # What the database wrote goes out as it is.
        return self.answer(orjson.Fragment(page.json), page.count, version=page.version)

    @staticmethod
    def usual(sent: QueryDict) -> QueryDict:
        """The parameters in the service's own words."""
        return sent

    def _read(self, request: Request) -> tuple[QueryDict, Selection, Ordering]:
        text = request.META.get("QUERY_STRING", "")
        if PLAIN.fullmatch(text) and "search" not in text:
            return _read_plain(self.usual, text)
        query = self.usual(request.query_params)
        return query, read_selection(query), read_ordering(query)

    def skip(self, query: QueryDict) -> int:
        """How many of the tasks are passed over."""
        return 0

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return record(data=schema, meta=META_OF_TASKS)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [*super().get_schema_operation_parameters(view), *list_parameters()]


@lru_cache(256)
def _read_plain(usual: Callable[[QueryDict], QueryDict], text: str) -> tuple[QueryDict, Selection, Ordering]:
    """Nearly all ask for the same few pages, and reading that takes longer than writing one."""
    query = usual(QueryDict(text))
    return query, read_selection(query), read_ordering(query)


@dataclass(frozen=True, slots=True)
class Page:
    # A JSON array of tasks, for ``orjson.Fragment``.
    json: str | bytes
    count: int
    # Where the last one stands; None when no task follows it.
    last: Position | None
    # The number of the last change that is in it.
    version: int


def read_page(
    user_id: str,
    selection: Selection,
    ordering: Ordering,
    after: Position | None,
    size: int,
    skip: int = 0,
    fetch: Fetch = owned.fetch,
) -> Page:
    """Up to ``size`` of the owner's tasks and ``MAX_BYTES``, from behind ``after`` and the next ``skip``."""
    array = JsonArray()
    version: int | None = None
    with seat(size):
        while True:
            wanted = min(size - array.count, AT_ONCE)
            # One more than asked for tells whether there is a next page.
            stretches = ordering.stretches(after)
            rows = fetch(user_id, partial(_statement, selection, stretches, wanted + 1, skip))
            now_at, found = _pieces(rows)
            # What has changed since the first of several statements is told once more, and is not missed.
            version = now_at if version is None else version
            fitting = array.add(found[:wanted])
            if fitting == len(found):
                return Page(array.json, array.count, None, version)
            if fitting:
                after, skip = ordering.position_of(orjson.loads(found[fitting - 1])), 0
            if array.count == size or fitting < wanted:
                return Page(array.json, array.count, after, version)


def seat(size: int) -> AbstractContextManager[Any]:
    return _seat if size > SMALL else nullcontext()


def _pieces(rows: list[tuple[Any, ...]]) -> tuple[int, list[Any]]:
    """The number of the last change, and the JSON of each task as text or bytes."""
    (version, *_), *found = rows
    if is_postgresql():
        return version, [row[1] for row in found]
    return version, [orjson.dumps(task) for task in from_stored([row[1:] for row in found])]


def _statement(selection: Selection, stretches: list[Stretch], limit: int, skip: int, owner: Owner) -> Statement:
    """All values are parameters; the texts come from the modules beside this one."""
    conditions = [*selection.conditions(owner)]
    where = " AND ".join(sql for sql, _ in conditions)
    params = [param for _, some in conditions for param in some]
    all_params = [param for _, position, _ in stretches for param in (*params, *position)]
    is_frequent = len(conditions) == 1 and not skip
    # Whose tasks is known when it runs. Told how many are wanted, the planner may think them more than an average owner
    # has, and sort all of an owner's million; untold it reads them from an index in their order.
    most = f"(SELECT {limit})" if is_frequent else limit + skip
    sources = [
        f"tasks_task WHERE {where}{condition and f' AND {condition}'} ORDER BY {order} LIMIT {most}"
        for condition, _, order in stretches
    ]
    if len(sources) > 1:
        # Append reads its parts in turn, and the second only when the first is too short.
        union = " UNION ALL ".join(f"SELECT * FROM (SELECT * FROM {source}) AS stretch" for source in sources)  # noqa: S608 - texts of this folder
        sources = [f"({union}) AS tasks LIMIT {most}"]
    passed = f" OFFSET {skip}" if skip else ""
    # What filters find differs from one value to the next, so they are planned each time.
    page = f"SELECT CAST(NULL AS bigint), {written_columns()} FROM {sources[0]}{passed}"  # noqa: S608 - texts of this folder
    # Of the page's own snapshot, and told of an empty page too.
    version = f"coalesce(({LAST_NUMBER.format(owner=owner.sql('%s'))}), 0)"
    head = f"{version}, {shown().nulls}"
    return Statement(page, [*owner.values, *all_params], is_frequent=is_frequent, head=head)


def count_tasks(user_id: str, selection: Selection, fetch: Fetch = owned.fetch) -> tuple[int, int]:
    """How many of the owner's tasks there are, and how many of them are completed."""

    def build(owner: Owner) -> Statement:
        conditions = list(selection.conditions(owner))
        sql = f"SELECT count(*), count(completed_at) FROM tasks_task WHERE {' AND '.join(sql for sql, _ in conditions)}"  # noqa: S608 - texts of this folder
        return Statement(sql, [param for _, some in conditions for param in some], is_frequent=False)

    [(total, completed, *_)] = fetch(user_id, build)
    return total, completed
