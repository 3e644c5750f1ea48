"""What the OpenAPI document says of the trash: the database writes what goes out."""

from core.rest.fields import TimestampField
from tasks.models import TrashedTask
from tasks.serializers import TaskSerializer


class TrashedTaskSerializer(TaskSerializer):
    deleted_at = TimestampField(read_only=True, help_text="When it went to the trash.")

    class Meta(TaskSerializer.Meta):
        model = TrashedTask  # type: ignore[assignment] # stubs say it is the first one for good
        fields = (*TaskSerializer.Meta.fields, "deleted_at")
