from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import directory
from accounts.permissions import IsAdmin
from tasks.models import Task
from tasks.pagination import TaskPagination
from tasks.serializers import TaskSerializer


class UserTasksViewSet(GenericViewSet[Task]):
    """The tasks of any user, as that user lists them; nothing here changes one."""

    queryset = Task.objects.none()
    permission_classes = (IsAuthenticated, IsAdmin)
    serializer_class = TaskSerializer
    pagination_class = TaskPagination

    @extend_schema(tags=["admin"], operation_id="admin_users_tasks_list", summary="List a user's tasks")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        owner = directory.get_user(self.kwargs["user_id"])
        return TaskPagination().answer_list(request, owner.id)
