from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """A request that came with an ``Idempotency-Key``, and its successful answer (``core.idempotency.claims``).

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
    # Compressed (zlib).
    content = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "request_hash"], name="core_idempotencykey_unique"),
        ]
        # What prune looks for.
        indexes = [models.Index(fields=["created_at"], name="core_idempotencykey_created")]

    def __str__(self) -> str:
        return str(self.id)


class Usage(models.Model):
    """How many of a kind an owner has (``core.quotas``), and where their changes are numbered, how many those were.

    One row for both: a creation moves it once. Who changes any of them locks it first, and holds it to the end of the
    transaction, so numbers are given in the order of the commits.
    """

    pk = models.CompositePrimaryKey("user_id", "kind")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )
    kind = models.CharField(max_length=16)
    used = models.PositiveIntegerField()
    # The number of the last change.
    version = models.BigIntegerField(default=0, db_default=0)
    # Of the last change: that of a later one is never earlier.
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.used}"


class DailyRun(models.Model):
    """What runs once a day, whoever is the first to find it due (``core.pruning``)."""

    name = models.CharField(primary_key=True, max_length=16)
    # The last time that somebody took it on.
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class OutgoingMail(models.Model):
    """A mail that is still to be sent (``core.mail``). Its text, and the token in it, are made only then."""

    id = models.UUIDField(primary_key=True, editable=False)
    # A name among settings.MAIL_WRITERS.
    purpose = models.CharField(max_length=32)
    recipient = models.CharField(max_length=254)
    # Whom it is about, where more than the address is known.
    user_id = models.CharField(max_length=128, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # For who has taken it on: until then it is theirs.
    due_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class RateWindow(models.Model):
    """What ``core.limits.in_database`` counts; instants in microseconds since 1970.

    The key is a keyed hash, so the table tells neither who tried nor which account.
    """

    key = models.UUIDField(primary_key=True, editable=False)
    instants = models.JSONField()
    # Until then nothing is admitted; 0 while there is room.
    full_until = models.BigIntegerField()
    # After that the row means nothing.
    expires_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.key)
