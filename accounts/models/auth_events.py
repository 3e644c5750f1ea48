from django.db import models
from django.utils import timezone

from core.ids import uuid7
from core.rest.client import MAX_USER_AGENT_LENGTH


class AuthEvent(models.Model):
    """A line of the security log. ``subject`` is plain text: events precede and outlive users.

    What may be repeated by knocking is one row per address and minute, counted in ``count``.
    """

    class Kind(models.TextChoices):
        SIGNUP = "signup"
        LOGIN = "login"
        LOGIN_FAILED = "login_failed"
        REFRESH = "refresh"
        REFRESH_REUSED = "refresh_reused"
        LOGOUT = "logout"
        LOGOUT_ALL = "logout_all"
        # By somebody else's act; the others are their owner's.
        SESSIONS_ENDED = "sessions_ended"
        TASK_CHANGED = "task_changed"
        TASK_DELETED = "task_deleted"
        DATA_EXPORTED = "data_exported"
        CONVERSATION_READ = "conversation_read"
        # Also when one is set up: ``changes`` says which.
        SECOND_FACTOR_RESET = "second_factor_reset"
        PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
        PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event
        EMAIL_CHANGED = "email_changed"
        THROTTLED = "throttled"
        TOKEN_REFUSED = "token_refused"  # noqa: S105 - the name of an event
        ROLE_CHANGED = "role_changed"
        USER_DISABLED = "user_disabled"
        USER_ENABLED = "user_enabled"
        USER_DELETED = "user_deleted"
        TOKEN_CREATED = "token_created"  # noqa: S105 - the name of an event
        TOKEN_REVOKED = "token_revoked"  # noqa: S105 - the name of an event

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    subject = models.CharField(max_length=128, blank=True, help_text="A user id, or the keyed hash of a tried email.")
    # Whose act it was: the subject's own, or a staff member's; null from the outside.
    actor = models.CharField(max_length=128, null=True)  # noqa: DJ001 - nobody is no text
    # By name, what was and what is now; never what somebody wrote.
    changes = models.JSONField(null=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=MAX_USER_AGENT_LENGTH, blank=True)
    success = models.BooleanField()
    reason = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    # Set for the kinds that are counted: the start of the minute.
    minute = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "kind", "reason", "minute"], name="accounts_authevent_minute")
        ]
        indexes = [
            models.Index(fields=["address", "created_at"], name="accounts_authevent_address"),
            models.Index(fields=["subject", "created_at"], name="accounts_authevent_subject"),
            # Of everybody, and what is counted by the hour and day, of whom.
            models.Index(fields=["created_at", "kind", "subject"], name="accounts_authevent_time"),
            # What staff did; of everybody's own acts there are too many for an index that nobody asks.
            models.Index(
                fields=["actor", "created_at"],
                condition=~models.Q(actor=models.F("subject")),
                name="accounts_authevent_actor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"
