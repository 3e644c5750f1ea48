from django.db import models

from accounts.models.users import MAX_EMAIL_LENGTH, User


class RecoveryToken(models.Model):
    """What a mailed link carries, as a hash (SHA-256 in hexadecimal): a way to set a password or to confirm an address.

    Good once, until ``expires_at``, and only while the account is as it was (``basis``).
    """

    class Purpose(models.TextChoices):
        PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
        EMAIL_CONFIRMATION = "email_confirmation"
        EMAIL_CHANGE = "email_change"

    pk = models.CompositePrimaryKey("user_id", "token_hash")
    # The primary key's index serves the foreign key too.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", editable=False, db_index=False)
    token_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=32, choices=Purpose.choices)
    # Where it was sent to, which is what it proves.
    email = models.EmailField(max_length=MAX_EMAIL_LENGTH)
    basis = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.user_id}"
