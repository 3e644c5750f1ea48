"""What the OpenAPI document says of many tasks in one request."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks import openapi
from tasks.bulk.operations import MAX_OPERATIONS


@extend_schema_field(openapi.OPERATION)
class DescribedOperationField(serializers.DictField):
    pass


@extend_schema_field(openapi.RESULT)
class ResultField(serializers.DictField):
    pass


class BulkSerializer(serializers.Serializer[Any]):
    operations = serializers.ListField(child=DescribedOperationField(), max_length=MAX_OPERATIONS)
    atomic = serializers.BooleanField(default=True, help_text="All or nothing; true unless sent.")


class BulkResponseSerializer(serializers.Serializer[Any]):
    results = serializers.ListField(child=ResultField(), help_text="One for each operation, in order.")
