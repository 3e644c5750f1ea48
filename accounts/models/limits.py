from django.db import models

from accounts.models.users import User


class RateWindow(models.Model):
    """What ``windows.py`` counts; instants in microseconds since 1970.

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


class KnownAddress(models.Model):
    """An address, as a keyed hash, from which the user has logged in."""

    pk = models.CompositePrimaryKey("user_id", "address")
    # The primary key's index serves the foreign key too.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", editable=False, db_index=False)
    address = models.UUIDField(editable=False)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.address)
