"""Other ways to what admins do."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import roles, users
from accounts.authentication import caller
from accounts.models import User
from core.rest.fields import ChoiceField
from core.rest.openapi.declaring import operation
from core.rest.views import validated
from staff.acts import delete_task, delete_user, staff_client
from staff.serializers import AdminUserSerializer
from staff.views import MISSING, AdminView, UserView
from tasks.serializers import read_task_id


class RoleSerializer(serializers.Serializer[Any]):
    role = ChoiceField(User.Role.choices)


class DeletableUserView(UserView):
    @operation(
        "Delete a user and all they own",
        tags=["admin"],
        operation_id="admin_users_destroy",
        description="Nobody deletes themself here, and there is always an active admin left: `409`.",
        responses={204: None},
        refuses=[MISSING, {409: ("own_account", "last_admin")}],
    )
    def delete(self, request: Request, user_id: str) -> Response:
        delete_user(caller(request), users.get_user(user_id), client=staff_client(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RoleView(UserView):
    http_method_names = ["patch", "options"]

    @operation(
        "Give or take the admin role",
        description="The same as changing the user's `role`.",
        tags=["admin"],
        operation_id="admin_users_role",
        request=RoleSerializer,
        responses=AdminUserSerializer,
        refuses=[MISSING, {409: ("own_account", "last_admin")}],
        whole=True,
        example={"role": "user"},
    )
    def patch(self, request: Request, user_id: str) -> Response:
        user = users.get_user(user_id)
        role = validated(RoleSerializer, request)["role"]
        return self._answer(roles.change_user(caller(request), user.id, client=staff_client(request), role=role))


class UserTaskView(AdminView):
    @operation(
        "Delete a user's task",
        description="Whatever its version is.",
        tags=["admin"],
        operation_id="admin_users_tasks_destroy",
        responses={204: None},
        refuses={404: ("user_not_found", "task_not_found")},
    )
    def delete(self, request: Request, user_id: str, task_id: str) -> Response:
        owner = users.get_user(user_id)
        delete_task(owner.id, read_task_id(task_id), client=staff_client(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
