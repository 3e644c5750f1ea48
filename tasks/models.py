from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from tasks.folding import FoldedField
from tasks.tags import TagKeysField, TagsField

MAX_TITLE_LENGTH: Final = 200
MAX_DESCRIPTION_LENGTH: Final = 1000
MAX_OLD_ID_LENGTH: Final = 64


class Priority(models.IntegerChoices):
    """Stored as numbers that sort as their names are meant; clients see the labels."""

    LOW = 1, "low"
    MEDIUM = 2, "medium"
    HIGH = 3, "high"


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> "TaskQuerySet":
        """Their own, and nobody else's; hand-written SQL has it as ``tasks.statements.visible_sql``."""
        return self.filter(user_id=user.pk)


class TaskFields(models.Model):
    """What is stored of a task, wherever it is. ``id`` is ``uuid7(created_at)``, so the order of ids is the order of
    creation.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="%(class)ss",
        editable=False,
        # The index on (user, id) serves the foreign key too.
        db_index=False,
    )
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    description = models.CharField(max_length=MAX_DESCRIPTION_LENGTH, null=True, blank=True)  # noqa: DJ001 - null is what clients see for "none"
    completed_at = models.DateTimeField(null=True, editable=False)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    due_at = models.DateTimeField(null=True, blank=True)
    tags = TagsField(default=list, blank=True)
    # What lists are sorted, searched and filtered by; never shown.
    title_folded = FoldedField(source="title")
    description_folded = FoldedField(source="description", null=True)
    tag_keys = TagKeysField()
    # Counts the changes; what an ETag is made of.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class Task(TaskFields):
    """On PostgreSQL the primary key is (user_id, id), which the migration makes; Django is told the id alone,
    for its staff site does not take composite keys.
    """

    # Computed by the database, so the two can never disagree.
    completed = models.GeneratedField(
        expression=Q(completed_at__isnull=False),  # type: ignore[arg-type] # a Q is one, the stubs do not know
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # Of the change that the statement it comes from has made; None where it made none.
    number: int | None = None

    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment] # the manager made from it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="tasks_task_title_not_empty"),
            models.CheckConstraint(condition=~Q(description=""), name="tasks_task_description_not_empty"),
            models.CheckConstraint(condition=Q(priority__in=[1, 2, 3]), name="tasks_task_priority_known"),
        ]
        # One for each order of a list. All end in the id, which the order of equal keys is.
        indexes = [
            models.Index(fields=["user", "id"], name="tasks_task_user_id"),
            models.Index(fields=["user", "updated_at", "id"], name="tasks_task_user_updated"),
            models.Index(fields=["user", "due_at", "id"], name="tasks_task_user_due"),
            models.Index(fields=["user", "priority", "id"], name="tasks_task_user_priority"),
            models.Index(fields=["user", "title_folded", "id"], name="tasks_task_user_title"),
            # No index holds each tag or word: their operators are not leakproof, so row security would not let
            # PostgreSQL use it. A filter by either reads its owner's tasks, or those that have tags at all.
            models.Index(fields=["user", "id"], condition=Q(tag_keys__isnull=False), name="tasks_task_user_tagged"),
            # Everybody's, as staff see them. Not by id: PostgreSQL would take that for the order of an owner's list.
            # The owner stands in them for the policy, without which a count would read the rows.
            models.Index(fields=["created_at", "user"], name="tasks_task_created"),
            models.Index(
                fields=["completed_at", "user"], condition=Q(completed_at__isnull=False), name="tasks_task_completed"
            ),
        ]


class TrashedTask(TaskFields):
    """A deleted task. A table of its own: whoever looks for tasks finds none of these, at no cost to an index."""

    deleted_at = models.DateTimeField(editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["user", "deleted_at", "id"], name="tasks_trashed_user_deleted"),
            # What prune looks for.
            models.Index(fields=["deleted_at"], name="tasks_trashed_deleted"),
        ]


class Kind(models.IntegerChoices):
    """What was done to a task."""

    CREATED = 1, "created"
    CHANGED = 2, "changed"
    TRASHED = 3, "trashed"
    RESTORED = 4, "restored"
    DELETED = 5, "deleted"


class Via(models.IntegerChoices):
    """The door that a change came in by."""

    API = 1, "api"
    BULK = 2, "bulk"
    CHAT = 3, "chat"
    MCP = 4, "mcp"
    STAFF = 5, "staff"
    UNDO = 6, "undo"
    COMMAND = 7, "command"


class Entry(models.Model):
    """One change of one task: a line of its owner's journal, whose versions follow each other without a gap."""

    pk = models.CompositePrimaryKey("user_id", "version")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
        db_index=False,
        # Only who holds the owner's row of ``core.Usage`` writes here, which the account's deletion takes first.
        db_constraint=False,
    )
    version = models.BigIntegerField()
    task_id = models.UUIDField()
    kind = models.SmallIntegerField(choices=Kind.choices)
    via = models.SmallIntegerField(choices=Via.choices)
    # A user's id; null: the owner's.
    by = models.CharField(max_length=128, null=True)  # noqa: DJ001 - as above
    at = models.DateTimeField()
    # Column -> its values before and after.
    changes = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["user", "task_id", "version"], name="tasks_entry_user_task")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.version}"


class OldTaskId(models.Model):
    """What a task was called where its owner moved from (``manage.py import_backend``): staff find it by that.

    It outlives the task, so that moving in a second time brings back nothing that was deleted here.
    """

    pk = models.CompositePrimaryKey("user_id", "task_id")
    # The primary key's index serves the foreign key too.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )
    task_id = models.UUIDField()
    # The letter of the backend.
    source = models.CharField(max_length=1)
    old_id = models.CharField(max_length=MAX_OLD_ID_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "source", "old_id"], name="tasks_oldtaskid_old")]
        # Everybody's, as staff look for it.
        indexes = [models.Index(fields=["old_id", "user"], name="tasks_oldtaskid_search")]

    def __str__(self) -> str:
        return self.old_id
