from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.permissions import TASKS, IsPathOwner
from core.rest.openapi.declaring import operation
from core.rest.views import ProvenRefusals
from tasks import openapi, services
from tasks.journal.tokens import undo_headers
from tasks.models import Task
from tasks.preconditions import accepted_versions, etag
from tasks.representation import represent
from tasks.serializers import TaskSerializer, read_task_id
from tasks.trash.openapi import TrashedTaskSerializer
from tasks.trash.pages import TrashPagination


class TrashViewSet(ProvenRefusals, GenericViewSet[Task]):
    # For the OpenAPI document, which asks when nobody calls.
    queryset = Task.objects.none()
    # Whether the caller may come in is a part of the one statement (``core.sql.owned``).
    permission_classes = (IsPathOwner,)
    token_scopes = TASKS
    serializer_class = TrashedTaskSerializer
    pagination_class: type[TrashPagination] = TrashPagination

    @operation(
        "List the trash",
        tags=["tasks"],
        operation_id="tasks_trash",
        description="What was deleted and can be restored, the last deleted first.",
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.pagination_class().answer_list(request, self.kwargs["user_id"])


class RestoreView(ProvenRefusals, APIView):
    permission_classes = (IsPathOwner,)
    token_scopes = TASKS

    @operation(
        "Restore a task from the trash",
        tags=["tasks"],
        operation_id="tasks_restore",
        description="With all it was. One that is there already stays as it is.",
        parameters=openapi.CHANGE,
        request=None,
        responses={200: TaskSerializer},
        refuses=openapi.CHANGED,
        headers=openapi.OF_CHANGE,
    )
    def post(self, request: Request, user_id: str, task_id: str) -> Response:
        task = services.restore_task(user_id, read_task_id(task_id), versions=accepted_versions(request))
        headers = {"ETag": etag(task.version), **undo_headers(user_id, task.number)}
        return Response(represent(task), headers=headers)
