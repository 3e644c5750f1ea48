"""Several messages of a person at once, as from two windows."""

import json
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from assistant.models import Message
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.tests.chat_facts import Say, messages, tasks
from assistant.tests.slow_model import Background
from assistant.turn.history import messages_for
from tasks import services
from tasks.models import Task
from testing.callers import Caller
from testing.databases import wait_for_waiters
from testing.service import serving

MESSAGES = 40


def test_a_turn_does_not_see_what_is_said_after_its_own_message(alice: Caller, say: Say) -> None:
    number = say(alice, "Add task: Milk").json["conversation_id"]
    say(alice, "Add task: Tea", conversation_id=number)
    mine = Message.objects.get(user_id=alice.id, content="Add task: Tea")
    say(alice, "Add task: Bread", conversation_id=number)

    told = messages_for(BuiltinProvider(), mine, mine.created_at)

    assert [message["content"] for message in told[1:]] == [text for _, text in messages(alice)[:3]]


def test_each_of_many_messages_to_two_processes_is_answered_once(own_database: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": own_database, "WEB_CONCURRENCY": "2", "CHAT_RATE_LIMIT": "1000/minute"}
    with serving(tmp_path / "log", settings) as server:
        port = server.port
        pair = send(port, "/api/auth/signup", {"email": "carol@example.com", "password": "correct horse battery"})
        token, home = pair["access_token"], f"/api/{pair['user']['id']}"
        number = send(port, f"{home}/chat", {"message": "Hello"}, token)["conversation_id"]

        def add(title: str) -> Any:
            body = {"message": f"Add task: {title}", "conversation_id": number}
            return send(port, f"{home}/chat", body, token)["tool_calls"]

        wanted = [f"Task {place:02}" for place in range(MESSAGES)]
        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(add, wanted))
        made = send(port, f"{home}/tasks", None, token)["data"]
        said = send(port, f"{home}/conversations/{number}", None, token)["messages"]

    assert [[call["result"]["task"]["title"] for call in calls] for calls in done] == [[title] for title in wanted]
    assert sorted(task["title"] for task in made) == wanted
    assert len(said) == 2 + 2 * MESSAGES


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_turns_take_tasks_in_the_order_of_all_others(alice: Caller, say: Say, make_task: Callable[..., Task]) -> None:
    first, second = make_task(alice, "First"), make_task(alice, "Second")

    with transaction.atomic():
        services.lock_tasks(alice.id, [first.id])
        speaking = Background(lambda: say(alice, "complete 'Second' and complete 'First'"))
        wait_for_waiters(1)
        # It waits for the first, and so must not have taken this one.
        services.lock_tasks(alice.id, [second.id])

    assert speaking.outcome().status == 200
    assert [task.completed for task in tasks(alice)] == [True, True]


def send(port: int, path: str, body: Any, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
        return json.load(answer)
