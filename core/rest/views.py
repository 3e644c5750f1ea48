from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView


class PublicView(APIView):
    """Needs no token, and does not look at one."""

    authentication_classes = ()
    permission_classes = ()


def validated(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
