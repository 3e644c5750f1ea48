"""The examples of the OpenAPI document work when they are sent as they are."""

import re
from collections.abc import Callable
from typing import Any, Final

import pytest

from accounts.models import User
from accounts.openapi import CREDENTIALS, EMAIL
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
    anonymous: Caller, admin: Caller, make_task: Callable[..., Task], method: str, path: str, name: str, body: Any
) -> None:
    signed_up = anonymous.post(SIGNUP, CREDENTIALS)
    assert signed_up.status == 201
    if path == SIGNUP:
        # Once: the second time the address is taken.
        User.objects.filter(email=EMAIL).delete()
    ada = Caller(User.objects.get(email=EMAIL)) if path != SIGNUP else anonymous
    task = make_task(ada, "Done", completed=True) if path != SIGNUP else None
    # What only the service knows.
    if "refresh_token" in body:
        body = {"refresh_token": signed_up.json["refresh_token"]}
    told: dict[str, Any] = {"task_id": task and task.id}
    if "confirm" in path:
        turn = ada.post("/api/chat", {"message": "Delete all completed tasks"}).json
        told["conversation_id"] = turn["conversation_id"]
        body = {"action_id": turn["pending_action"]["id"]}
    caller = admin if "/admin/" in path else ada
    told["user_id"] = ada.id if path != SIGNUP else ""

    answer = caller.send(method.upper(), re.sub(r"{(\w+)}", lambda found: str(told[found[1]]), path), body)

    assert answer.status in (200, 201, 204), (name, answer)
    assert str(answer.status) in COMMITTED["paths"][path][method]["responses"]
