from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from core.ids import uuid7


class User(AbstractBaseUser):
    id = models.CharField(primary_key=True, max_length=128)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    last_login = None

    USERNAME_FIELD = "email"

    class Meta:
        db_table = "peer_user"


class Task(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, null=True, blank=True)  # noqa: DJ001 - as the contract has it
    completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)
    priority = models.CharField(max_length=6, default="medium")
    due_at = models.DateTimeField(null=True, blank=True)
    tags = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "peer_task"
        indexes = [models.Index(fields=["user", "id"], name="peer_task_user_id")]

    def __str__(self):
        return self.title
