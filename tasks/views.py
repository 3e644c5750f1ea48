import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import orjson
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.permissions import IsPathOwner
from core.idempotency.replays import answer_once
from tasks import openapi, services
from tasks.lists import pages
from tasks.lists.pages import TaskPagination
from tasks.models import Task
from tasks.preconditions import accepted_versions, check_version, etag, is_known, not_modified
from tasks.representation import represent
from tasks.serializers import (
    CompletionSerializer,
    TaskSerializer,
    read_changes,
    read_completion,
    read_draft,
    read_task_id,
)

T = TypeVar("T")


class TaskViewSet(GenericViewSet[Task]):
    """The tasks of the user in the path, who must be the caller."""

    queryset = Task.objects.none()
    permission_classes = (IsAuthenticated, IsPathOwner)
    serializer_class = TaskSerializer
    pagination_class = TaskPagination
    # For the OpenAPI document; another tag and suffix where the tasks hang directly under the user.
    operation_prefix: ClassVar[str] = "tasks"
    operation_suffix: ClassVar[str] = ""
    schema_tag: ClassVar[str] = "tasks"

    @extend_schema(summary="List the tasks, newest first unless another order is asked for")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return TaskPagination().answer_list(request, self.kwargs["user_id"])

    @extend_schema(
        summary="Read a task", parameters=openapi.READ, responses={200: TaskSerializer, 304: openapi.UNCHANGED}
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        task = pages.read_task(self.kwargs["user_id"], self._task_id())
        check_version(request, task.version)
        body = orjson.Fragment(task.json)
        if is_known(request, task.version):
            return not_modified(task.version, len(orjson.dumps(body)))
        return Response(body, headers={"ETag": etag(task.version)})

    @extend_schema(summary="Create a task", parameters=openapi.CREATE)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return answer_once(request, self._create)

    @extend_schema(
        summary="Change the fields that are sent", parameters=openapi.CHANGE, request=TaskSerializer(partial=True)
    )
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # PUT too leaves alone what is not sent.
        return self._edit(self._read(read_changes))

    @extend_schema(summary="Change the fields that are sent", parameters=openapi.CHANGE)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._edit(self._read(read_changes))

    @extend_schema(summary="Delete a task", parameters=openapi.DELETE)
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.delete_task(self.kwargs["user_id"], self._task_id(), versions=accepted_versions(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="Flip between open and completed", parameters=openapi.CHANGE, request=None)
    @action(detail=True, methods=["patch"])
    def toggle(self, request: Request, **kwargs: Any) -> Response:
        return self._toggle()

    @extend_schema(
        summary="Complete or reopen",
        description="Without a body it does what the setting COMPLETE_WITHOUT_BODY says.",
        parameters=openapi.CHANGE,
        request=CompletionSerializer,
    )
    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, **kwargs: Any) -> Response:
        completed = self._read(read_completion)
        if completed is None and settings.COMPLETE_WITHOUT_BODY == "toggle":
            return self._toggle()
        return self._edit({"completed": completed is not False})

    def _create(self) -> Response:
        task = services.create_task(self.kwargs["user_id"], **read_draft(self.request.data))
        location = f"/api/{quote(task.user_id, safe='@:+=~')}/tasks/{task.id}"
        return _answer(task, status.HTTP_201_CREATED, Location=location)

    def _edit(self, changes: Mapping[str, Any]) -> Response:
        versions = accepted_versions(self.request)
        return _answer(services.edit_task(self.kwargs["user_id"], self._task_id(), changes, versions=versions))

    def _toggle(self) -> Response:
        versions = accepted_versions(self.request)
        return _answer(services.toggle_task(self.kwargs["user_id"], self._task_id(), versions=versions))

    def _read(self, read: Callable[[Any], T]) -> T:
        try:
            return read(self.request.data)
        except APIException:
            # A missing task is 404 whatever the body; a good body finds that out by its UPDATE.
            services.get_task(self.kwargs["user_id"], self._task_id())
            raise

    def _task_id(self) -> uuid.UUID:
        return read_task_id(self.kwargs["task_id"])


def _answer(task: Task, status: int = 200, **more: str) -> Response:
    return Response(represent(task), status, headers={"ETag": etag(task.version), **more})
