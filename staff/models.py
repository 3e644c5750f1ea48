from django.db import models

from accounts.models import User
from core.ids import uuid7


class ConversationReader(models.Model):
    """A member of the staff who may read what people say to the assistant, for a while."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.user_id


class SecondFactor(models.Model):
    """An app that shows codes (RFC 6238), from its set-up on; ``confirmed_at`` is when the first one was typed."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    # What a session that passed it names: another one is to be passed anew.
    id = models.UUIDField(default=uuid7, editable=False)
    # Base32, as apps take it by hand. Whoever reads the database can make codes; of passwords there are hashes.
    key = models.CharField(max_length=32)
    # The last time step whose code was taken: none is taken twice, nor one before it.
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.user_id


class RecoveryCode(models.Model):
    """Passes once where the app is lost. Only the hash is kept, and that until it is used."""

    pk = models.CompositePrimaryKey("user_id", "code_hash")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    code_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.user_id


class DailyCount(models.Model):
    """Of a day in UTC that is over: counted once, since it hardly changes any more."""

    class Kind(models.TextChoices):
        SIGNUPS = "signups"
        ACTIVE = "active"
        CREATED = "created"
        COMPLETED = "completed"

    pk = models.CompositePrimaryKey("day", "kind")
    day = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    count = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.count}"
