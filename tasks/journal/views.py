import re
import uuid
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.permissions import TASKS, IsPathOwner
from core.idempotency.endpoints import answer_once
from core.rest.openapi.declaring import operation
from core.rest.pagination import MAX_LIMIT, KeysetPagination, read_limit
from core.rest.parameters import bad_parameter, single
from core.rest.views import ProvenRefusals, validated
from tasks import openapi as tasks_openapi
from tasks import services
from tasks.journal import openapi
from tasks.journal.changes import read_changes
from tasks.journal.history import read_entries, write_entry
from tasks.journal.serializers import UndoSerializer
from tasks.journal.tokens import headers_of
from tasks.journal.undoing import undo
from tasks.lists.arrays import JsonArray
from tasks.models import Task
from tasks.representation import represent
from tasks.serializers import read_task_id


class ChangesView(ProvenRefusals, APIView):
    # Whether the caller may come in is a part of the one statement (``core.sql.owned``).
    permission_classes = (IsPathOwner,)
    token_scopes = TASKS

    @operation(
        "Read what has changed since a number",
        tags=["tasks"],
        operation_id="changes_list",
        description=(
            "Each task once, as it is now, in the order of its newest change; `null` for one that is gone. Begin with "
            "the `version` of a list, go on with `next`: nothing is lost or told twice, whatever changes meanwhile. "
            "`410`: read the list again."
        ),
        parameters=[openapi.SINCE, openapi.LIMIT],
        responses={200: openapi.CHANGES},
        refuses=openapi.EXPIRED,
    )
    def get(self, request: Request, user_id: str) -> Response:
        size = read_limit(request.query_params) or MAX_LIMIT
        changes = read_changes(user_id, _since(request), size)
        meta: dict[str, Any] = {"next": changes.next, "more": changes.has_more}
        return Response({"data": orjson.Fragment(changes.json), "meta": meta})


class UndoView(ProvenRefusals, APIView):
    permission_classes = (IsPathOwner,)
    token_scopes = TASKS

    @operation(
        "Take changes back",
        tags=["tasks"],
        operation_id="undo",
        description=(
            "All that one answer told of, by its `X-Undo`: what was made goes to the trash, what was deleted comes "
            "back. Where something of it has changed since, nothing is done, and `errors` name the tasks."
        ),
        parameters=tasks_openapi.CREATE,
        request=UndoSerializer,
        responses={200: openapi.UNDONE},
        refuses=openapi.UNDO,
        example=openapi.TAKEN_BACK,
        headers=tasks_openapi.OF_BULK,
    )
    def post(self, request: Request, user_id: str) -> HttpResponse:
        return answer_once(request, lambda: self._undo(request, user_id))

    def _undo(self, request: Request, user_id: str) -> Response:
        undone = undo(user_id, validated(UndoSerializer, request)["undo"])
        told = [represent(task) for task in undone.tasks.values()]
        return Response({"data": told}, headers=headers_of(undone.token))


class HistoryPages(KeysetPagination):
    noun = "Changes"

    def answer_history(self, request: Request, user_id: str, task_id: uuid.UUID) -> Response:
        _, after = self.begin(request, f"history {user_id} {task_id}")
        size = min(self.size, MAX_LIMIT)
        entries = read_entries(user_id, task_id, after[0] if after else None, size + 1)
        array = JsonArray()
        fitting = array.add([write_entry(entry) for entry in entries[:size]])
        self.end([entries[fitting - 1].version] if fitting < len(entries) else None)
        return self.answer(orjson.Fragment(array.json), fitting)


class HistoryViewSet(ProvenRefusals, GenericViewSet[Task]):
    # For the OpenAPI document, which asks when nobody calls.
    queryset = Task.objects.none()
    permission_classes = (IsPathOwner,)
    token_scopes = TASKS
    serializer_class = openapi.HistoryEntrySerializer
    pagination_class = HistoryPages

    @operation(
        "Read what has been done to a task",
        tags=["tasks"],
        operation_id="tasks_history",
        description="The last change first: when, by whom, by which door, and each field before and after.",
        refuses=tasks_openapi.MISSING,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        user_id, task_id = self.kwargs["user_id"], read_task_id(self.kwargs["task_id"])
        services.get_task(user_id, task_id)
        return self.pagination_class().answer_history(request, user_id, task_id)


def _since(request: Request) -> int:
    since = single(request.query_params, "since")
    if since is None or not re.fullmatch(r"[0-9]{1,40}", since, re.ASCII):
        raise bad_parameter("since", "Must be the version of a list, or the next of changes.")
    return int(since)
