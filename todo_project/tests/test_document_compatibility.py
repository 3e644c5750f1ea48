"""The OpenAPI document of each ``COMPATIBLE_WITH`` describes what that value sends."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson
import pytest
from pytest_django import Settings

from testing.callers import Answer, Caller
from todo_project import docs
from todo_project.env import values
from todo_project.family.presets import PRESETS

PASSWORD: Final = "correct horse battery"
ADDED: Final = "todo_project.family.fields.ADDED"


@pytest.fixture
def configured(settings: Settings) -> Iterator[Callable[[str], Any]]:
    """The OpenAPI document under what ``COMPATIBLE_WITH`` sets."""

    def configure(chosen: str) -> Any:
        needed = {"BETTER_AUTH_DATABASE_URL": "sqlite:///better-auth.sqlite3"} if chosen == "b" else {}
        found = values.read({"SECRET_KEY": "k" * 32, "COMPATIBLE_WITH": chosen, **needed})
        settings.LIST_ENVELOPE = found.list_envelope
        settings.ADDED_TASK_FIELDS = ADDED if found.task_aliases else ""
        settings.CHAT_TOOL_CALLS = found.chat_tool_calls
        docs.forget()
        return orjson.loads(docs.make_document())

    yield configure
    docs.forget()


class Document:
    def __init__(self, whole: Any) -> None:
        self._whole = whole

    def answer(self, path: str, method: str) -> Any:
        responses = self._whole["paths"][path][method]["responses"]
        (success,) = [code for code in responses if code.startswith("20")]
        return responses[success]["content"]["application/json"]["schema"]

    def check(self, schema: Any, value: Any, at: str) -> None:
        """That the document has every field that was sent, and that what it requires was."""
        if reference := schema.get("$ref"):
            return self.check(self._whole["components"]["schemas"][reference.rpartition("/")[2]], value, at)
        parts = [self._resolved(part) for part in schema.get("allOf", [])]
        schema = {"properties": {}, "required": []} | schema
        for part in parts:
            schema["properties"] = schema["properties"] | part.get("properties", {})
            schema["required"] = [*schema["required"], *part.get("required", [])]
        if isinstance(value, list):
            assert schema["type"] == "array", at
            for item in value:
                self.check(schema["items"], item, f"{at}[]")
        elif isinstance(value, dict) and schema["properties"]:
            assert set(schema["required"]) <= set(value) <= set(schema["properties"]), at
            for name, inner in value.items():
                self.check(schema["properties"][name], inner, f"{at}.{name}")
        elif isinstance(value, str):
            assert "string" in str(schema.get("type", "string")), at
        return None

    def _resolved(self, schema: Any) -> Any:
        reference = schema.get("$ref")
        return self._whole["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


@pytest.mark.parametrize("chosen", PRESETS)
def test_the_document_of_each_value_describes_what_it_sends(
    alice: Caller, admin: Caller, anonymous: Caller, configured: Callable[[str], Any], chosen: str
) -> None:
    document = Document(configured(chosen))
    credentials = {"email": "ada@example.com", "password": PASSWORD}
    task = alice.post(alice.tasks, {"title": "x", "due_date": "2026-01-14"})
    turn = alice.post("/api/chat", {"message": "Add task: buy milk"})
    conversation = f"/conversations/{turn.json['conversation_id']}"
    answers: list[tuple[str, str, Answer]] = [
        ("/api/auth/signup", "post", anonymous.post("/api/auth/signup", credentials)),
        ("/api/auth/login", "post", anonymous.post("/api/auth/login", credentials)),
        ("/api/auth/me", "get", alice.get("/api/auth/me")),
        ("/api/auth/get-session", "get", alice.get("/api/auth/get-session")),
        ("/api/{user_id}/tasks", "post", task),
        ("/api/{user_id}/tasks", "get", alice.get(alice.tasks)),
        ("/api/{user_id}", "get", alice.get(f"/api/{alice.id}")),
        ("/api/{user_id}/tasks/{task_id}", "get", alice.get(f"{alice.tasks}/{task.json['id']}")),
        ("/api/{user_id}/chat", "post", turn),
        ("/api/{user_id}/conversations", "get", alice.get("/api/conversations")),
        ("/api/{user_id}/conversations", "post", alice.post("/api/conversations")),
        ("/api/{user_id}/conversations/{conversation_id}", "get", alice.get(f"/api{conversation}")),
        ("/api/{user_id}/conversations/{conversation_id}/messages", "get", alice.get(f"/api{conversation}/messages")),
        ("/api/{user_id}/conversations/history", "get", alice.get("/api/conversations/history")),
        ("/api/admin/users", "get", admin.get("/api/admin/users")),
        ("/api/admin/users/{user_id}/tasks", "get", admin.get(f"/api/admin/users/{alice.id}/tasks")),
        ("/api/admin/auth-events", "get", admin.get("/api/admin/auth-events")),
    ]

    for path, method, answer in answers:
        assert answer.status in (200, 201), (path, answer)
        document.check(document.answer(path, method), answer.json, f"{method} {path}")
