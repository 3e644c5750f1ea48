import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models

MAX_MESSAGE_LENGTH: Final = 4000
TITLE_LENGTH: Final = 80
MAX_NAME_LENGTH: Final = 128
# What JavaScript's numbers hold exactly is 53 bits: 41 of milliseconds, which last until 2095, and 12 of chance.
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
CHANCE_BITS: Final = 12


def conversation_id(instant: datetime) -> int:
    """Newer ones are greater, to the millisecond."""
    return ((instant - EPOCH) // timedelta(milliseconds=1)) << CHANCE_BITS | secrets.randbits(CHANCE_BITS)


class JSONTextField(models.Field):  # type: ignore[type-arg] # not subscriptable at run time
    """JSON as text, in the order it was given: ``jsonb`` sorts keys and takes neither NUL nor half a character."""

    # For django-stubs.
    _pyi_private_set_type: list[Any]
    _pyi_private_get_type: list[Any]

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class Role(models.TextChoices):
    PERSON = "user"
    ASSISTANT = "assistant"


class Owned(models.Model):
    """A row that is found by its owner and its id, never by the id alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Conversation(Owned):
    pk = models.CompositePrimaryKey("user_id", "id")
    id = models.BigIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH)
    # What a client calls it that makes up ids of its own.
    name = models.CharField(max_length=MAX_NAME_LENGTH, null=True)  # noqa: DJ001 - most have none, and none equals none
    # Ids of the tasks in the last list shown, in its order: what "#3" means.
    shown = JSONTextField(default=list)
    # Of those kept in it, so that none is counted before the next.
    message_count = models.PositiveIntegerField(default=0)
    # The changes that take back those of the last turn that made any, and until when they may.
    undo = JSONTextField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], condition=models.Q(name__isnull=False), name="assistant_conversation_name"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Message(Owned):
    """``id`` is ``uuid7(created_at)``."""

    pk = models.CompositePrimaryKey("user_id", "id")
    id = models.UUIDField()
    # With the owner it names the conversation; migration 0001 makes that a foreign key on PostgreSQL.
    conversation_id = models.BigIntegerField()
    role = models.CharField(max_length=9, choices=Role.choices)
    content = models.TextField()
    tool_calls = JSONTextField(default=list)
    # What the provider and its tools said to each other, for that provider's eyes.
    provider = models.CharField(max_length=200, default="")
    exchange = JSONTextField(default=list)
    tokens = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "conversation_id", "id"], name="assistant_message_of")]

    def __str__(self) -> str:
        return str(self.id)


class PendingAction(Owned):
    """Changes that wait for the person's yes, frozen as they were proposed (``plans.Change``)."""

    pk = models.CompositePrimaryKey("user_id", "id")
    id = models.UUIDField()
    # None: it was asked for by a door without conversations.
    conversation_id = models.BigIntegerField(null=True)
    changes = JSONTextField()
    summary = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "conversation_id"], name="assistant_pending_one")]
        # What prune looks for.
        indexes = [models.Index(fields=["expires_at"], name="assistant_pending_expires")]

    def __str__(self) -> str:
        return str(self.id)


class TokenUse(Owned):
    """What a person's turns have cost on one day (UTC)."""

    pk = models.CompositePrimaryKey("user_id", "day")
    day = models.DateField()
    tokens = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="assistant_tokenuse_day")]

    def __str__(self) -> str:
        return str(self.day)
