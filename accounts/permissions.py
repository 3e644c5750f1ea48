from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import caller, presented


class IsPathOwner(BasePermission):
    """The ``{user_id}`` of the path is the presented caller's own id, exactly and as a string.

    Whether they may still come in is left to the view's first statement.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.auth) and presented(request).user_id == str(view.kwargs["user_id"])


class IsAdmin(BasePermission):
    """The role comes with the caller from the database, so a demotion bites on the next request."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return caller(request).is_admin
