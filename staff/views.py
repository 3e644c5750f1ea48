"""``/api/admin/``: what admins see of everybody, and what they may change."""

from functools import cached_property
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts import roles, users
from accounts.authentication import caller
from accounts.models import AuthEvent, User
from accounts.permissions import IsAdmin
from core.rest.client import group_address
from core.rest.openapi.declaring import Refusals, operation
from core.rest.pagination import KeysetPagination
from core.rest.views import validated
from core.sql.row_owner import show_all_rows
from staff.acts import staff_client
from staff.serializers import (
    AdminUserSerializer,
    AuthEventFilterSerializer,
    AuthEventSerializer,
    UserChangeSerializer,
    UserFilterSerializer,
)
from staff.task_counts import count_tasks
from tasks.lists.pages import TaskPagination
from tasks.models import Task
from tasks.serializers import TaskSerializer

MISSING: Final[Refusals] = {404: ("user_not_found",)}


class UserPages(KeysetPagination):
    noun = "Users"


class AuthEventPages(KeysetPagination):
    noun = "Events"


class AdminView(APIView):
    """For the role ``admin`` alone, who sees everybody's rows."""

    permission_classes = (IsAuthenticated, IsAdmin)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        show_all_rows("the admin endpoints")


class FilteredListView(AdminView, generics.ListAPIView[Any]):
    # What the query may ask for.
    filter_serializer: ClassVar[type[serializers.Serializer[Any]]]

    def filters(self) -> dict[str, Any]:
        """Raises ``ValidationError`` naming the parameter."""
        return self._filters

    @cached_property
    def _filters(self) -> dict[str, Any]:
        # A plain dictionary: of a form's data DRF takes an empty value for none.
        serializer = self.filter_serializer(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class UsersView(FilteredListView):
    queryset = User.objects.none()
    serializer_class = AdminUserSerializer
    pagination_class = UserPages
    filter_serializer = UserFilterSerializer

    def get_queryset(self) -> QuerySet[User]:
        return users.find_users(**self.filters())

    @operation(
        "List the users",
        description="Newest first, each with how many tasks they have.",
        tags=["admin"],
        operation_id="admin_users_list",
        parameters=[UserFilterSerializer],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = list(self.paginate_queryset(self.get_queryset()) or ())
        return self.get_paginated_response(AdminUserSerializer(page, many=True, context=_with_counts(page)).data)


class UserView(AdminView):
    @operation(
        "Read a user",
        description="As in the list of users.",
        tags=["admin"],
        operation_id="admin_users_retrieve",
        responses=AdminUserSerializer,
        refuses=MISSING,
    )
    def get(self, request: Request, user_id: str) -> Response:
        return self._answer(users.get_user(user_id))

    @operation(
        "Change a user's role, or switch the account off or on",
        tags=["admin"],
        operation_id="admin_users_change",
        description="Both take effect on the user's next request. Nobody demotes or disables themself, and there is "
        "always an active admin left: `409`.",
        request=UserChangeSerializer,
        responses=AdminUserSerializer,
        refuses=[MISSING, {409: ("own_account", "last_admin")}],
        example={"role": "user", "is_active": True},
    )
    def patch(self, request: Request, user_id: str) -> Response:
        user = users.get_user(user_id)
        changes = validated(UserChangeSerializer, request)
        return self._answer(roles.change_user(caller(request), user.id, client=staff_client(request), **changes))

    def _answer(self, user: User) -> Response:
        return Response(AdminUserSerializer(user, context=_with_counts([user])).data)


class UserTasksViewSet(AdminView, GenericViewSet[Task]):
    """The tasks of any user, as that user lists them; nothing here changes one."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    pagination_class: type[TaskPagination] = TaskPagination

    @operation(
        "List a user's tasks",
        description="In the same shape, by the same filters and orders as the user's own list.",
        tags=["admin"],
        operation_id="admin_users_tasks_list",
        refuses=MISSING,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        owner = users.get_user(self.kwargs["user_id"])
        return self.pagination_class().answer_list(request, owner.id)


class AuthEventsView(FilteredListView):
    queryset = AuthEvent.objects.none()
    serializer_class = AuthEventSerializer
    pagination_class = AuthEventPages
    filter_serializer = AuthEventFilterSerializer

    def get_queryset(self) -> QuerySet[AuthEvent]:
        filters = dict(self.filters())
        if filters.get("address"):
            # What is counted is counted for the whole of a site.
            filters["address__in"] = {filters["address"], group_address(filters.pop("address"))}
        return AuthEvent.objects.filter(**filters)

    @operation(
        "Read the security log",
        description="Newest first: logins, refusals, and what was done to accounts.",
        tags=["admin"],
        operation_id="admin_auth_events_list",
        parameters=[AuthEventFilterSerializer],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


def _with_counts(users: list[User]) -> dict[str, Any]:
    return {"counts": count_tasks([user.id for user in users])}
