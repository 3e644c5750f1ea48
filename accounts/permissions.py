from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import caller


class IsPathOwner(BasePermission):
    """The ``{user_id}`` of the path is the caller's own id, exactly and as a string."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return caller(request).id == str(view.kwargs["user_id"])


class IsAdmin(BasePermission):
    """The role comes with the caller from the database, so a demotion bites on the next request."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return caller(request).is_admin
