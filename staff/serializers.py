"""What admins see and send."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import MAX_EMAIL_LENGTH, MAX_ISSUER_LENGTH, AuthEvent, User
from core.rest.client import UNKNOWN, group_address, parse_address
from core.rest.fields import BooleanField, ChoiceField, TimestampField
from staff.task_counts import TaskCounts

MAX_SUBJECT_LENGTH: Final = 128
IPV6_SITE: Final = "/64"
NONE: Final = TaskCounts()


class AdminUserSerializer(serializers.ModelSerializer[User]):
    created_at = TimestampField(read_only=True)
    task_count = serializers.SerializerMethodField()
    completed_task_count = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "name",
            "role",
            "is_active",
            "issuer",
            "created_at",
            "task_count",
            "completed_task_count",
        )
        read_only_fields = fields

    def get_task_count(self, user: User) -> int:
        return self._counts(user).task_count

    def get_completed_task_count(self, user: User) -> int:
        return self._counts(user).completed_task_count

    def _counts(self, user: User) -> TaskCounts:
        # Whoever has none is not among them.
        counts: TaskCounts = self.context["counts"].get(user.id, NONE)
        return counts


class UserChangeSerializer(serializers.Serializer[Any]):
    role = ChoiceField(User.Role.choices, required=False)
    is_active = BooleanField(required=False)


@extend_schema_field(
    {
        "type": ["object", "null"],
        "description": "Before and after, by the name of what changed.",
        "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
        "examples": [{"role": ["user", "admin"]}],
    }
)
class ChangesField(serializers.JSONField):
    pass


class AuthEventSerializer(serializers.ModelSerializer[AuthEvent]):
    changes = ChangesField(read_only=True)
    created_at = TimestampField(read_only=True)

    class Meta:
        model = AuthEvent
        fields = (
            "id",
            "kind",
            "subject",
            "actor",
            "address",
            "user_agent",
            "success",
            "reason",
            "request_id",
            "changes",
            "count",
            "created_at",
        )
        read_only_fields = fields
        extra_kwargs = {"count": {"help_text": "How often in that minute, for refused tokens; else 1."}}


# --- Query parameters -----------------------------------------------------------------------------


class FlagField(ChoiceField):
    """``true`` or ``false``, as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(["true", "false"], **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data) == "true"


class AddressField(serializers.CharField):
    """An IP address in any spelling, or the /64 of one, as it is stored; or what is stored where there is none."""

    default_error_messages = {"invalid_address": "Must be an IP address."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text in ("", UNKNOWN):
            return text
        address = parse_address(text.removesuffix(IPV6_SITE))
        if address is None:
            self.fail("invalid_address")
        return group_address(str(address)) if text.endswith(IPV6_SITE) else str(address)


class UserFilterSerializer(serializers.Serializer[Any]):
    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_EMAIL_LENGTH,
        help_text="A part of email or name, without case, or an exact id.",
    )
    role = ChoiceField(User.Role.choices, required=False)
    is_active = FlagField(required=False)
    issuer = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=MAX_ISSUER_LENGTH,
        help_text="Exactly; empty: those who signed up here.",
    )


class AuthEventFilterSerializer(serializers.Serializer[Any]):
    kind = ChoiceField(AuthEvent.Kind.choices, required=False)
    subject = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=MAX_SUBJECT_LENGTH, help_text="Exactly."
    )
    actor = serializers.CharField(
        required=False, allow_blank=False, trim_whitespace=False, max_length=MAX_SUBJECT_LENGTH, help_text="Exactly."
    )
    address = AddressField(
        required=False,
        allow_blank=True,
        help_text="Exactly, in any spelling; of IPv6 also what was counted for its /64.",
    )
    success = FlagField(required=False)
