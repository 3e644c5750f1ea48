import uuid
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from accounts.authentication import caller
from accounts.ids import parse_uuid
from accounts.permissions import IsPathOwner
from tasks import services
from tasks.models import Task
from tasks.pagination import TaskPagination
from tasks.querysets import TaskQuerySet
from tasks.serializers import CompletionSerializer, TaskSerializer


@extend_schema_view(
    list=extend_schema(summary="List the tasks, newest first"),
    create=extend_schema(summary="Create a task"),
    retrieve=extend_schema(summary="Read a task"),
    update=extend_schema(summary="Change the fields that are sent", request=TaskSerializer(partial=True)),
    partial_update=extend_schema(summary="Change the fields that are sent"),
    destroy=extend_schema(summary="Delete a task"),
)
class TaskViewSet(ModelViewSet[Task]):
    """The tasks of the user in the path, who must be the caller."""

    queryset = Task.objects.none()
    permission_classes: tuple[type[BasePermission], ...] = (IsAuthenticated, IsPathOwner)
    serializer_class = TaskSerializer
    pagination_class = TaskPagination
    # True where the tasks hang directly under the user, as one backend's clients expect them.
    is_alias: ClassVar[bool] = False

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.visible_to(caller(self.request))

    def get_object(self) -> Task:
        return services.get_task(self.kwargs["user_id"], self._task_id())

    def perform_create(self, serializer: BaseSerializer[Task]) -> None:
        serializer.save(user_id=self.kwargs["user_id"])

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": f"/api/{quote(data['user_id'], safe='@:+=~')}/tasks/{data['id']}"}

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # PUT too leaves alone what is not sent.
        return super().update(request, *args, **{**kwargs, "partial": True})

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.delete_task(self.kwargs["user_id"], self._task_id())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="Flip between open and completed", request=None)
    @action(detail=True, methods=["patch"])
    def toggle(self, request: Request, **kwargs: Any) -> Response:
        return self._answer(services.toggle_task(self.kwargs["user_id"], self._task_id()))

    @extend_schema(
        summary="Complete or reopen",
        description="Without a body it does what the setting COMPLETE_WITHOUT_BODY says.",
        request=CompletionSerializer,
    )
    @action(detail=True, methods=["patch"])
    def complete(self, request: Request, **kwargs: Any) -> Response:
        task = self.get_object()
        serializer = CompletionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if "completed" not in serializer.validated_data and settings.COMPLETE_WITHOUT_BODY == "toggle":
            return self._answer(services.toggle_task(task.user_id, task.pk))
        completed = serializer.validated_data.get("completed", True)
        return self._answer(services.edit_task(task.user_id, task.pk, {"completed": completed}))

    def _answer(self, task: Task) -> Response:
        return Response(self.get_serializer(task).data)

    def _task_id(self) -> uuid.UUID:
        task_id = parse_uuid(self.kwargs["task_id"])
        if task_id is None:
            raise services.task_not_found()
        return task_id
