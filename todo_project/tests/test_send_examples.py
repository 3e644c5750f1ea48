"""The examples of the OpenAPI document work when they are sent as they are."""

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.openapi import CREDENTIALS, EMAIL
from accounts.recovery import tokens
from tasks.models import Task
from testing.callers import Caller
from testing.contract import document

COMMITTED: Final = document.read(document.COMMITTED)
BODIES: Final = [
    (method, path, name, example["value"])
    for path, methods in COMMITTED["paths"].items()
    for method, operation in methods.items()
    if "requestBody" in operation
    for name, example in operation["requestBody"]["content"]["application/json"]["examples"].items()
]
# The one example that makes who sends the others.
SIGNUP: Final = "/api/auth/signup"


def test_there_are_examples() -> None:
    assert len(BODIES) > 30


@pytest.mark.parametrize(("method", "path", "name", "body"), BODIES, ids=[" ".join(case[:3]) for case in BODIES])
def test_an_example_works(
    anonymous: Caller, admin: Caller, make_task: Callable[..., Task], settings: Settings, method: str, path: str,
    name: str, body: Any,
) -> None:  # fmt: skip
    settings.MAIL_IS_ON = True
    if path == SIGNUP:
        answer = anonymous.post(path, body)
    else:
        signed_up = anonymous.post(SIGNUP, CREDENTIALS).json
        ada = Caller(User.objects.get(email=EMAIL))
        told = {"user_id": ada.id, "task_id": make_task(ada, "Done", completed=True).id}
        body = body | made_up(ada, signed_up, told, path, body)
        caller = admin if "/admin/" in path else ada
        answer = caller.send(method.upper(), re.sub(r"{(\w+)}", lambda found: str(told[found[1]]), path), body)

    assert answer.status in (200, 201, 202, 204), (name, answer)
    assert str(answer.status) in COMMITTED["paths"][path][method]["responses"]


def made_up(ada: Caller, signed_up: Any, told: dict[str, Any], path: str, body: Any) -> dict[str, Any]:
    """What only the service could have told: tokens, and the id of what waits, in a conversation that is told too."""
    if "refresh_token" in body:
        return {"refresh_token": signed_up["refresh_token"]}
    if "token" in body:
        purpose = tokens.Purpose.PASSWORD_RESET if "password" in body else tokens.Purpose.EMAIL_CONFIRMATION
        return {"token": tokens.make(ada.user, purpose, email=EMAIL)}
    if "undo" in body:
        return {"undo": ada.post(ada.tasks, {"title": "A mistake"}).headers["X-Undo"]}
    if "action_id" in body:
        turn = ada.post("/api/chat", {"message": "Delete all completed tasks"}).json
        told["conversation_id"] = turn["conversation_id"]
        return {"action_id": turn["pending_action"]["id"]}
    return {}
