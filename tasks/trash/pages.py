"""The trash as its owner sees it, the last deleted first."""

import uuid
from functools import partial
from typing import Any, Final

import orjson
from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.rest.pagination import KeysetPagination
from core.sql import owned
from core.sql.owned import Owner, Statement
from core.sql.statements import bind
from core.times import parse_timestamp
from tasks.entries import LAST_NUMBER
from tasks.lists.arrays import JsonArray
from tasks.lists.pages import AT_ONCE, TaskPagination, seat
from tasks.models import TrashedTask
from tasks.representation import from_stored, shown

TRASH: Final = """
    SELECT CAST(NULL AS bigint), {columns} FROM tasks_trashedtask WHERE user_id = {owner}{beyond}
    ORDER BY deleted_at DESC, id DESC LIMIT {limit} OFFSET {skip}
"""
COUNT: Final = "SELECT count(*), count(completed_at) FROM tasks_trashedtask WHERE user_id = {owner}"


class TrashPagination(TaskPagination):
    def answer_list(self, request: Request, user_id: str) -> Response:
        query = self.usual(request.query_params)
        size, after = self.begin(request, f"trash {user_id}", query)
        size = min(size, AT_ONCE)
        with seat(size):
            (version, *_), *found = owned.fetch(
                user_id, lambda owner: _statement(owner, after, size + 1, self.skip(query))
            )
            pieces, array = _pieces(found), JsonArray()
            fitting = array.add(pieces[:size])
        self.end(_position(pieces[fitting - 1]) if fitting < len(pieces) else None)
        self.count_all = partial(_count, user_id)
        return self.answer(orjson.Fragment(array.json), array.count, version=version)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return KeysetPagination.get_schema_operation_parameters(self, view)


def _statement(owner: Owner, after: list[Any] | None, limit: int, skip: int) -> Statement:
    columns = shown(is_trashed=True)
    person = owner.sql("%s")
    sql = TRASH.format(
        owner=person,
        columns=columns.json_sql if connection.vendor == "postgresql" else columns.stored_sql,
        beyond=" AND (deleted_at, id) < (%s, %s)" if after else "",
        limit=limit,
        skip=skip,
    )
    head = f"coalesce(({LAST_NUMBER.format(owner=person)}), 0), {columns.nulls}"
    return Statement(sql, [*owner.values, *owner.values, *_keys(after)], is_frequent=False, head=head)


def _keys(after: list[Any] | None) -> list[Any]:
    if after is None:
        return []
    deleted_at, task_id = after
    return [
        bind(TrashedTask, "deleted_at", parse_timestamp(deleted_at)),
        bind(TrashedTask, "id", uuid.UUID(task_id)),
    ]


def _pieces(found: list[Any]) -> list[Any]:
    if connection.vendor == "postgresql":
        return [row[1] for row in found]
    return [orjson.dumps(task) for task in from_stored([row[1:] for row in found], is_trashed=True)]


def _position(piece: str | bytes) -> list[str]:
    last = orjson.loads(piece)
    return [last["deleted_at"], last["id"]]


def _count(user_id: str) -> tuple[int, int]:
    def build(owner: Owner) -> Statement:
        return Statement(COUNT.format(owner=owner.sql("%s")), owner.values, is_frequent=False)

    [(total, completed, *_)] = owned.fetch(user_id, build)
    return total, completed
