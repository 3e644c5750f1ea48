from typing import Final

from django.db import models

from accounts.models.users import User
from core.ids import uuid7

MAX_TOKEN_NAME_LENGTH: Final = 100


class Scope(models.TextChoices):
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    CHAT = "chat"


class PersonalToken(models.Model):
    """A key that a person made for a program of theirs; its text is shown once and kept as a hash.

    A row until it is revoked, or was pruned after its expiry. Its scopes never change: the token says them too.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The index on (user, id) serves the foreign key too.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=MAX_TOKEN_NAME_LENGTH)
    # With spaces between, as OAuth writes them (RFC 6749, section 3.3).
    scopes = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="accounts_personaltoken_user"),
            # What prune looks for.
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="accounts_personaltoken_expires",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
