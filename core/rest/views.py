from typing import Any, Final

from django.db import DatabaseError, InterfaceError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError
from core.sql import row_owner

DATABASE_ERRORS: Final = (DatabaseError, InterfaceError)


class PublicView(APIView):
    """Needs no token, and does not look at one."""

    authentication_classes = ()
    permission_classes = ()


class ProvenRefusals(APIView):
    """For views that leave it to their first statement whether the caller may come in: nothing else is told to
    one who may not (contract section 1).
    """

    def handle_exception(self, exc: Exception) -> Response:
        # A database that failed tells nothing, and need not be waited for again.
        if not isinstance(exc, DATABASE_ERRORS):
            try:
                row_owner.prove()
            except (DomainError, *DATABASE_ERRORS) as error:
                exc = error
        return super().handle_exception(exc)


def validated(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
