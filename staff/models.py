from django.db import models

from accounts.models import User


class ConversationReader(models.Model):
    """A member of the staff who may read what people say to the assistant, for a while."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.user_id
