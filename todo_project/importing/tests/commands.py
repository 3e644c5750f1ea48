"""The command as an operator runs it, and what it leaves."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from assistant.models import Conversation, Message
from tasks.models import OldTaskId, Task
from todo_project.importing.tests.backends import Backend


def move(backend: Backend, *options: str) -> str:
    out = StringIO()
    call_command("import_backend", backend.letter, "--database-url", backend.url, *options, stdout=out, stderr=out)
    return out.getvalue()


def move_in_part(backend: Backend, *options: str, returncode: int = 1) -> str:
    """What it says where something does not fit."""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_backend", backend.letter, "--database-url", backend.url, *options, stdout=out, stderr=out)
    assert refused.value.returncode == returncode
    return out.getvalue() + str(refused.value)


def everything() -> list[Any]:
    models = (User, Task, OldTaskId, Conversation, Message)
    return [sorted(map(str, model.objects.values_list())) for model in models]
