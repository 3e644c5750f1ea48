import uuid
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from accounts.authentication import caller
from accounts.permissions import TASKS, IsPathOwner, TokenScopes
from core.errors import DomainError
from core.idempotency.endpoints import answer_once
from core.rest.json import written
from core.rest.openapi.declaring import operation
from core.rest.parameters import read_boolean
from core.rest.views import ProvenRefusals
from tasks import openapi, services
from tasks.journal.tokens import undo_headers
from tasks.lists.pages import TaskPagination
from tasks.lists.reading import read_task, reader
from tasks.models import Task, TaskQuerySet
from tasks.preconditions import accepted_versions, check_version, etag, is_known, not_modified
from tasks.rows import WrittenTask
from tasks.serializers import CompletionSerializer, FixedFields, TaskSerializer, read_changes, read_draft, read_task_id


class TaskViewSet(ProvenRefusals, ModelViewSet[Task]):
    """The tasks of the user in the path, who must be the caller."""

    # Lists, reads and changes are one statement each (``tasks.lists.pages``, ``tasks.services``): a task that
    # was read first might be another one by the time it is changed.

    # For the OpenAPI document, which asks when nobody calls.
    queryset = Task.objects.none()
    # Whether the caller may come in is a part of the one statement (``core.sql.owned``).
    permission_classes = (IsPathOwner,)
    token_scopes: ClassVar[TokenScopes] = TASKS
    serializer_class: type[FixedFields] = TaskSerializer
    pagination_class: type[TaskPagination] = TaskPagination
    lookup_url_kwarg = "task_id"
    # For the OpenAPI document too.
    operation_prefix: ClassVar[str] = "tasks"
    operation_suffix: ClassVar[str] = ""
    schema_tag: ClassVar[str] = "tasks"

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.visible_to(caller(self.request))

    def get_object(self) -> Task:
        """Raises ``NotFound``."""
        task = self.get_queryset().filter(id=self._task_id()).first()
        if task is None:
            raise services.task_not_found()
        return task

    @operation("List the tasks", description="Newest first, unless another order is asked for.")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.pagination_class().answer_list(request, self.kwargs["user_id"])

    @operation(
        "Read a task",
        description="With `If-None-Match` it costs next to nothing while it has not changed.",
        parameters=openapi.READ,
        responses={200: TaskSerializer, 304: openapi.UNCHANGED},
        refuses=openapi.CHANGED,
        headers=openapi.WITH_ETAG,
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override] # as Django's views
        task = read_task(self.kwargs["user_id"], self._task_id(), reader())
        check_version(request, task.version)
        if is_known(request, task.version):
            return not_modified(task.version, len(task.json))
        return written(task.json, headers={"ETag": etag(task.version)})

    @operation(
        "Create a task",
        description="The title is all it needs. With an `Idempotency-Key` it is made once, however often it is sent.",
        parameters=openapi.CREATE,
        refuses=openapi.CREATED,
        headers=openapi.OF_CREATION,
        example=openapi.DRAFT,
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override] # as Django's views
        return answer_once(request, self._create)

    @operation(
        "Replace what is sent of a task",
        description="As `PATCH` does: fields that are not sent stay as they are.",
        parameters=openapi.CHANGE,
        request=TaskSerializer(partial=True),
        refuses=openapi.CHANGED,
        headers=openapi.OF_CHANGE,
        example={**openapi.DRAFT, "completed": False},
    )
    def update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override] # as Django's views
        # PUT too leaves alone what is not sent.
        changes = self._read_changes()
        user_id, versions = self.kwargs["user_id"], accepted_versions(request)
        return _answer(user_id, services.edit_written(user_id, self._task_id(), changes, versions=versions))

    @operation(
        "Change a task",
        description="Fields that are not sent stay as they are, `null` clears.",
        parameters=openapi.CHANGE,
        refuses=openapi.CHANGED,
        headers=openapi.OF_CHANGE,
        example={"title": "Buy groceries and flowers", "due_at": None},
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override] # as Django's views
        return self.update(request)

    @operation(
        "Delete a task",
        description="It goes to the trash. With `If-Match` only as long as nobody has changed it.",
        parameters=openapi.DELETE,
        refuses=[openapi.CHANGED, {422: ("invalid",)}],
        headers=openapi.OF_DELETION,
    )
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        number = services.delete_task(
            self.kwargs["user_id"],
            self._task_id(),
            versions=accepted_versions(request),
            permanently=read_boolean(request.query_params, "permanent"),
        )
        return Response(status=status.HTTP_204_NO_CONTENT, headers=undo_headers(self.kwargs["user_id"], number))

    @operation(
        "Flip a task between open and completed",
        description="Two at once leave it where it was.",
        parameters=openapi.CHANGE,
        request=None,
        refuses=openapi.CHANGED,
        headers=openapi.OF_CHANGE,
    )
    @action(detail=True, methods=["patch"])
    def toggle(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        user_id, versions = self.kwargs["user_id"], accepted_versions(request)
        return _answer(user_id, services.toggle_task(user_id, self._task_id(), versions=versions))

    @operation(
        "Complete or reopen a task",
        description="Saying the same again changes nothing. Without a body it does what the setting "
        f"COMPLETE_WITHOUT_BODY says: `{settings.COMPLETE_WITHOUT_BODY}`.",
        parameters=openapi.CHANGE,
        responses=TaskSerializer,
        refuses=openapi.CHANGED,
        headers=openapi.OF_CHANGE,
        example={"completed": True},
    )
    @action(detail=True, methods=["patch"], serializer_class=CompletionSerializer)
    def complete(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.update(request)

    def _create(self) -> HttpResponse:
        user_id = self.kwargs["user_id"]
        task = services.create_written(user_id, **read_draft(self.request.data))
        location = f"/api/{quote(user_id, safe='@:+=~')}/tasks/{task.id}"
        return _answer(user_id, task, status.HTTP_201_CREATED, Location=location)

    def _read_changes(self) -> Any:
        """What was sent. Raises ``ValidationError`` and the like."""
        try:
            return read_changes(self.request.data, self.serializer_class)
        except (APIException, DomainError):
            # A missing task is 404 whatever the body; a good body finds that out by its UPDATE.
            self.get_object()
            raise

    def _task_id(self) -> uuid.UUID:
        return read_task_id(self.kwargs["task_id"])


def _answer(user_id: str, task: WrittenTask, status: int = 200, **more: str) -> HttpResponse:
    headers = {"ETag": etag(task.version), **undo_headers(user_id, task.number), **more}
    return written(task.json, status, headers=headers)
