from typing import Any

from django.db import DatabaseError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import DomainError
from core.sql import row_owner


class PublicView(APIView):
    """Needs no token, and does not look at one."""

    authentication_classes = ()
    permission_classes = ()


class ProvenRefusals(APIView):
    """For views that leave it to their first statement whether the caller may come in: nothing else is told to
    one who may not (contract section 1).
    """

    def handle_exception(self, exc: Exception) -> Response:
        try:
            row_owner.prove()
        except (DomainError, DatabaseError) as error:
            exc = error
        return super().handle_exception(exc)


def validated(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
