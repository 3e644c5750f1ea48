from django.db import models

from accounts.models.users import User
from core.ids import uuid7
from core.rest.client import MAX_USER_AGENT_LENGTH


class Session(models.Model):
    """A login that lasts: one row from login or signup until it is pruned.

    Only hashes of the refresh tokens are kept. ``rotated_at`` is what the current one was issued at.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The index on (user, id) serves the foreign key too.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions", db_index=False)
    refresh_hash = models.CharField(max_length=64)
    replaced_hash = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45)
    user_agent = models.CharField(max_length=MAX_USER_AGENT_LENGTH, blank=True)
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="accounts_session_user_id"),
            # The newest of a person's that have not ended; those that have stay for a day.
            models.Index(
                fields=["user", "id"], condition=models.Q(ended_at__isnull=True), name="accounts_session_live"
            ),
            # Who else comes from there.
            models.Index(
                fields=["address"], condition=models.Q(ended_at__isnull=True), name="accounts_session_address"
            ),
            # What prune looks for.
            models.Index(fields=["expires_at"], name="accounts_session_expires"),
            models.Index(
                fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="accounts_session_ended"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RefusedToken(models.Model):
    """An outside token that was logged out: refused until it expires by itself.

    ``subject`` is plain text: the row outlives the user.
    """

    subject = models.CharField(max_length=128)
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "token_hash"], name="accounts_refusedtoken_unique")]

    def __str__(self) -> str:
        return f"{self.subject} {self.token_hash}"


class TokenCutoff(models.Model):
    """Outside tokens of ``subject`` issued until ``issued_until`` are refused: logout-all, deletion."""

    subject = models.CharField(primary_key=True, max_length=128)
    issued_until = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.subject


class KnownAddress(models.Model):
    """An address, as a keyed hash, from which the user has logged in."""

    pk = models.CompositePrimaryKey("user_id", "address")
    # The primary key's index serves the foreign key too.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", editable=False, db_index=False)
    address = models.UUIDField(editable=False)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.address)
