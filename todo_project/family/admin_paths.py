"""Other ways to what admins do."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import roles, services, users
from accounts.authentication import caller
from accounts.models import User
from core.errors import Conflict
from core.rest.client import client_of
from core.rest.fields import ChoiceField
from core.rest.views import validated
from staff.serializers import AdminUserSerializer
from staff.views import AdminView, UserView
from tasks.serializers import read_task_id
from tasks.services import delete_task


class RoleSerializer(serializers.Serializer[Any]):
    role = ChoiceField(User.Role.choices)


class DeletableUserView(UserView):
    @extend_schema(
        tags=["admin"],
        operation_id="admin_users_destroy",
        summary="Delete a user and all they own",
        description="Nobody deletes themself here, and there is always an active admin left: `409`.",
        responses={204: None},
    )
    def delete(self, request: Request, user_id: str) -> Response:
        user = users.get_user(user_id)
        if user == caller(request):
            raise Conflict("own_account", "Nobody deletes their own account here.")
        services.delete_account(user, client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RoleView(UserView):
    http_method_names = ["patch", "options"]

    @extend_schema(
        tags=["admin"],
        operation_id="admin_users_role",
        summary="Give or take the admin role",
        request=RoleSerializer,
        responses=AdminUserSerializer,
    )
    def patch(self, request: Request, user_id: str) -> Response:
        user = users.get_user(user_id)
        role = validated(RoleSerializer, request)["role"]
        return self._answer(roles.change_user(caller(request), user.id, client=client_of(request), role=role))


class UserTaskView(AdminView):
    @extend_schema(
        tags=["admin"], operation_id="admin_users_tasks_destroy", summary="Delete a user's task", responses={204: None}
    )
    def delete(self, request: Request, user_id: str, task_id: str) -> Response:
        delete_task(users.get_user(user_id).id, read_task_id(task_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
