from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from tasks.querysets import TaskQuerySet

MAX_TITLE_LENGTH: Final = 200
MAX_DESCRIPTION_LENGTH: Final = 1000


class Task(models.Model):
    """``id`` is ``uuid7(created_at)``, so the order of ids is the order of creation."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tasks",
        editable=False,
        # The index on (user, id) serves the foreign key too.
        db_index=False,
    )
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    description = models.CharField(max_length=MAX_DESCRIPTION_LENGTH, null=True, blank=True)  # noqa: DJ001 - null is what clients see for "none"
    completed_at = models.DateTimeField(null=True, editable=False)
    # Computed by the database, so the two can never disagree.
    completed = models.GeneratedField(
        expression=Q(completed_at__isnull=False),  # type: ignore[arg-type] # a Q is one, the stubs do not know
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # Counts the changes; what an ETag will be made of.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment] # the manager made from it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="tasks_task_title_not_empty"),
            models.CheckConstraint(condition=~Q(description=""), name="tasks_task_description_not_empty"),
        ]
        indexes = [models.Index(fields=["user", "id"], name="tasks_task_user_id")]

    def __str__(self) -> str:
        return str(self.id)


class IdempotencyKey(models.Model):
    """A request that came with an ``Idempotency-Key``, and its successful answer (``tasks.idempotency``).

    The hashes are SHA-256 in hexadecimal: of method, path and key, and of the body as it was sent.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
        # The unique index begins with the user.
        db_index=False,
    )
    request_hash = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    # Null until the answer is known.
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    content = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "request_hash"], name="tasks_idempotencykey_unique"),
        ]
        # What prune looks for.
        indexes = [models.Index(fields=["created_at"], name="tasks_idempotencykey_created")]

    def __str__(self) -> str:
        return str(self.id)
