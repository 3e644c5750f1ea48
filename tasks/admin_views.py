from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.permissions import IsAuthenticated

from accounts import directory
from accounts.permissions import IsAdmin
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from tasks.views import TaskViewSet


@extend_schema_view(
    list=extend_schema(tags=["admin"], operation_id="admin_users_tasks_list", summary="List a user's tasks")
)
class UserTasksViewSet(TaskViewSet):
    """The tasks of any user, as that user lists them; nothing here changes one."""

    permission_classes = (IsAuthenticated, IsAdmin)

    def get_queryset(self) -> TaskQuerySet:
        return Task.objects.visible_to(directory.get_user(self.kwargs["user_id"]))
