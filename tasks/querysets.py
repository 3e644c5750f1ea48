from typing import TYPE_CHECKING

from django.db import models

from accounts.models import User

if TYPE_CHECKING:
    from tasks.models import Task  # noqa: F401 - only the annotation below needs it


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> "TaskQuerySet":
        """Their own, and nobody else's."""
        return self.filter(user_id=user.pk)
