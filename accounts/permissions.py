from collections.abc import Mapping
from typing import ClassVar, Final

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import caller, presented
from accounts.models import Scope
from core.rest.openapi.declaring import Refusals

# A view's ``token_scopes``: which a personal token must have, by method. A view without lets none in.
TokenScopes = Mapping[str, frozenset[Scope]]
CHANGES: Final = ("POST", "PUT", "PATCH", "DELETE")
TASKS: Final[TokenScopes] = {
    "GET": frozenset({Scope.TASKS_READ}),
    **dict.fromkeys(CHANGES, frozenset({Scope.TASKS_WRITE})),
}
CONVERSATIONS: Final[TokenScopes] = dict.fromkeys(("GET", *CHANGES), frozenset({Scope.CHAT}))
# What is said to the assistant may look at tasks and change them.
TALK: Final[TokenScopes] = {"POST": frozenset(Scope)}


class IsPathOwner(BasePermission):
    """The ``{user_id}`` of the path is the presented caller's own id, exactly and as a string.

    Whether they may still come in is left to the view's first statement.
    """

    refuses: ClassVar[Refusals] = {403: ("forbidden",)}

    def has_permission(self, request: Request, view: APIView) -> bool:
        return presented(request).user_id == str(view.kwargs["user_id"])


class IsAdmin(BasePermission):
    """The role comes with the caller from the database, so a demotion bites on the next request."""

    refuses: ClassVar[Refusals] = {403: ("forbidden",)}

    def has_permission(self, request: Request, view: APIView) -> bool:
        return caller(request).is_admin
