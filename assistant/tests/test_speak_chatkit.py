"""ChatKit's self-hosted protocol: threads are conversations, what waits for a yes is a widget with buttons."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from assistant.tests.stream_client import StreamClient, wait_for_hang_up
from assistant.tests.thread_client import Thread
from testing.databases import copied_database
from testing.model_answers import breaks_off, calls, drips, fails, says
from testing.model_server import ModelServer
from testing.service import serving

ANSWERED: Final = [
    "thread.item.added", "content_part.added", "content_part.text_delta", "content_part.done", "thread.item.done",
]  # fmt: skip
UNKNOWN: Final = "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def running(template: str, tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[tuple[int, Path]]:
    home = tmp_path_factory.mktemp("chatkit")
    settings = {"LLM_BASE_URL": model.base_url, "LLM_MODEL": "scripted-1", "LLM_API_KEY": "sk-only-for-tests"}
    settings |= {"AUTH_RATE_LIMIT": "1000/min", "CHAT_RATE_LIMIT": "1000/min", "DB_POOL_SIZE": "5"}
    settings |= {"WEB_CONCURRENCY": "1"}
    with copied_database(template, home) as url, serving(home / "log", {"DATABASE_URL": url, **settings}) as server:
        yield server.port, server.log


@pytest.fixture
def service(running: tuple[int, Path], model: ModelServer) -> Iterator[StreamClient]:
    yield StreamClient(*running)
    assert model.left == 0
    assert not model.unexpected


@pytest.fixture(scope="module")
def anyone(running: tuple[int, Path]) -> StreamClient:
    """For what begins nothing: signing up takes longer than all the rest."""
    return StreamClient(*running)


@pytest.fixture(scope="module")
def theirs(running: tuple[int, Path], model: ModelServer) -> Thread:
    model.script(says("Hello."))
    thread = Thread(StreamClient(*running))
    thread.say("Hi")
    return thread


def waiting(service: StreamClient, model: ModelServer) -> Thread:
    """A thread in which the rent is to be deleted."""
    rent = service.json("POST", f"{service.home}/tasks", {"title": "Pay rent"})["id"]
    model.script(calls(("delete_task", {"task": rent})), says("Sure?"))
    thread = Thread(service)
    thread.say("Tidy up")
    return thread


def test_a_thread_begins_and_goes_on(service: StreamClient, model: ModelServer) -> None:
    model.script(calls(("list_tasks", {}), ("add_task", {"title": "Tea"})), says("Added."), says("Hello."))
    thread = Thread(service)

    thread.say("Add tea", timezone="Europe/Rome")

    begun = ["thread.created", "thread.item.done", "stream_options", "progress_update"]
    assert thread.types() == [*begun, *ANSWERED]
    assert thread.text == "Added."
    assert "Europe/Rome" in model.requests[-1].messages[0]["content"]
    [said] = thread.done("user_message")
    assert (said["content"], said["thread_id"]) == ([{"type": "input_text", "text": "Add tea"}], thread.id)
    assert service.titles() == ["Tea"]

    first = thread.done("user_message") + thread.done("assistant_message")
    thread.say("Hi")
    assert thread.types() == ["thread.item.done", "stream_options", *ANSWERED]
    # What a stream has shown is what there is.
    assert thread.items() == first + thread.done("user_message") + thread.done("assistant_message")
    assert service.json("GET", f"{service.home}/conversations")["data"][0]["id"] == int(thread.id or "")


def test_what_waits_has_buttons(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)

    assert thread.events[-1]["item"] == thread.widget == thread.items()[-1]
    assert thread.widget["widget"]["children"][0]["value"] == "This would delete \u201cPay rent\u201d."
    assert service.titles() == ["Pay rent"]
    widget = thread.widget

    thread.press("confirm")

    assert thread.types() == ["thread.item.done", "thread.item.removed", "stream_options", *ANSWERED]
    assert thread.events[1]["item_id"] == widget["id"]
    assert thread.text == "Deleted \u201cPay rent\u201d."
    assert service.titles() == []
    assert thread.items()[-2:] == thread.done("user_message") + thread.done("assistant_message")

    thread.press("confirm", widget)
    assert thread.text == "That is not waiting for a yes any more."


def test_no_forgets_it(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)
    widget = thread.widget

    thread.press("cancel")
    refused = thread.text
    thread.press("confirm", widget)

    assert refused == "All right, nothing was changed."
    assert thread.text == "That is not waiting for a yes any more."
    assert service.titles() == ["Pay rent"]
    assert "widget" not in [item["type"] for item in thread.items()]


def test_another_message_takes_the_buttons_away(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)
    widget = thread.widget
    model.script(says("Hello."))

    thread.say("Hi")

    assert {"type": "thread.item.removed", "item_id": widget["id"]} in thread.events
    thread.press("confirm", widget)
    assert service.titles() == ["Pay rent"]


def test_a_button_works_in_its_own_thread_alone(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)
    stranger = Thread(StreamClient(service.port, service.log))
    other = Thread(service)
    for each in (stranger, other):
        model.script(says("Hello."))
        each.say("Hi")
        each.press("confirm", thread.widget)
        assert each.text == "That is not waiting for a yes any more."

    assert service.titles() == ["Pay rent"]
    action = {"type": "todo.confirm", "payload": thread.widget["widget"]["confirm"]["action"]["payload"]}
    stranger.ask("threads.custom_action", 404, thread_id=thread.id, action=action)
    assert service.titles() == ["Pay rent"]


def test_a_button_may_be_answered_at_once(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)
    action = {"type": "todo.confirm", "payload": thread.widget["widget"]["confirm"]["action"]["payload"]}

    answer = thread.ask("threads.sync_custom_action", thread_id=thread.id, item_id=thread.widget["id"], action=action)

    assert answer["updated_item"]["id"] == thread.widget["id"]
    assert answer["updated_item"]["widget"]["children"] == [{"type": "Text", "value": "Deleted \u201cPay rent\u201d."}]
    assert service.titles() == []


def test_a_failure_is_an_event_and_may_be_tried_again(service: StreamClient, model: ModelServer) -> None:
    model.script(fails(401), calls(("add_task", {"title": "Tea"})), says("Added."))
    thread = Thread(service)
    thread.say("Add tea")
    assert thread.events[-1]["type"] == "error"
    assert (thread.events[-1]["code"], thread.events[-1]["allow_retry"]) == ("custom", True)
    [said] = thread.done("user_message")

    again = {"thread_id": thread.id, "item_id": said["id"]}
    thread.stream("threads.retry_after_item", again)

    assert thread.types() == ["stream_options", *ANSWERED]
    assert thread.items() == [said, *thread.done("assistant_message")]
    # What is done is told again, not done again.
    thread.stream("threads.retry_after_item", again)
    assert thread.text == "Added."
    assert service.titles() == ["Tea"]


def test_an_answer_that_breaks_off_is_taken_away(service: StreamClient, model: ModelServer) -> None:
    model.script(calls(("add_task", {"title": "Tea"}), text="Adding it."), breaks_off(says("It is added now.")))
    thread = Thread(service)

    thread.say("Add tea")

    assert thread.types()[-2:] == ["thread.item.removed", "error"]
    added = next(event["item"]["id"] for event in thread.events if event["type"] == "thread.item.added")
    assert thread.events[-2]["item_id"] == added
    assert service.titles() == []


def test_who_hangs_up_has_nothing_changed(service: StreamClient, model: ModelServer) -> None:
    before = model.hang_ups
    model.script(calls(("add_task", {"title": "Tea"}), text="I see."), drips(0.05, says("word " * 200)))
    words = {"content": [{"type": "input_text", "text": "Add tea"}], "attachments": [], "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": words}}

    with service.send("POST", f"{service.home}/chatkit", body) as answer:
        answer.readline()

    wait_for_hang_up(model, before)
    assert service.titles() == []


def test_the_same_key_gives_the_same_events(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)
    widget = thread.widget
    thread.press("confirm", Idempotency_Key="k")
    first = (thread.text, thread.types())

    thread.press("confirm", widget, Idempotency_Key="k")

    assert (thread.text, thread.types()) == first
    model.script(calls(("add_task", {"title": "Tea"})), says("Added."))
    one, two = Thread(service), Thread(service)
    for each in (one, two):
        each.say("Add tea", Idempotency_Key="add")
    assert (one.id, one.text) == (two.id, two.text)
    assert service.titles() == ["Tea"]


def test_threads_are_listed_read_renamed_and_deleted(service: StreamClient, model: ModelServer) -> None:
    threads = [Thread(service) for _ in range(3)]
    for number, thread in enumerate(threads):
        model.script(says("Hello."))
        thread.say(f"Thread {number}")
    mine = Thread(service)

    first = mine.ask("threads.list", limit=2)
    assert [thread["title"] for thread in first["data"]] == ["Thread 2", "Thread 1"]
    assert first["has_more"]
    rest = mine.ask("threads.list", limit=2, after=first["after"])
    assert [thread["title"] for thread in rest["data"]] == ["Thread 0"]
    assert not rest["has_more"]
    assert mine.ask("threads.list", order="asc")["data"][0]["title"] == "Thread 0"

    assert mine.ask("threads.update", thread_id=threads[0].id, title="Renamed")["title"] == "Renamed"
    whole = mine.ask("threads.get_by_id", thread_id=threads[0].id)
    assert whole["title"] == "Renamed"
    assert [item["type"] for item in whole["items"]["data"]] == ["user_message", "assistant_message"]
    assert mine.ask("items.feedback", thread_id=threads[0].id, item_ids=["x"], kind="positive") == {}
    assert mine.ask("threads.delete", thread_id=threads[0].id) == {}
    mine.ask("threads.get_by_id", 404, thread_id=threads[0].id)


def test_items_come_in_pages_both_ways(service: StreamClient, model: ModelServer) -> None:
    thread = waiting(service, model)
    whole = thread.items()
    assert len(whole) == 3

    for order in ("asc", "desc"):
        walked: list[Any] = []
        after = None
        while True:
            page = thread.ask("items.list", thread_id=thread.id, limit=1, order=order, after=after)
            walked += page["data"]
            if not page["has_more"]:
                break
            after = page["after"]
        assert walked == (whole if order == "asc" else whole[::-1])


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("threads.get_by_id", {}),
        ("threads.update", {"title": "Mine"}),
        ("threads.delete", {}),
        ("items.list", {}),
        ("items.feedback", {"item_ids": [], "kind": "negative"}),
        ("threads.add_user_message", {"input": {"content": [{"type": "input_text", "text": "Hi"}], "attachments": []}}),
        ("threads.retry_after_item", {"item_id": UNKNOWN}),
        ("threads.custom_action", {"action": {"type": "todo.confirm", "payload": {"action_id": UNKNOWN}}}),
        ("threads.sync_custom_action", {"action": {"type": "todo.cancel", "payload": {"action_id": UNKNOWN}}}),
    ],
)
def test_anothers_thread_is_404(anyone: StreamClient, theirs: Thread, kind: str, params: dict[str, Any]) -> None:
    before = theirs.items()

    for thread_id in (theirs.id, "1", "thr_1", "-1", "9" * 30):
        Thread(anyone).ask(kind, 404, thread_id=thread_id, **params)

    assert theirs.items() == before


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("threads.create", {}),
        ("threads.create", {"input": {"content": []}}),
        ("threads.create", {"input": {"content": [{"type": "input_text", "text": " "}], "attachments": []}}),
        ("threads.create", {"input": {"content": [{"type": "input_text", "text": 7}], "attachments": []}}),
        ("threads.create", {"input": {"content": [{"type": "x", "text": "Hi"}], "attachments": []}}),
        ("threads.create", {"input": {"content": [{"type": "input_text", "text": "Hi"}], "attachments": ["a"]}}),
        ("threads.create", {"input": {"content": [{"type": "input_text", "text": "x" * 4001}], "attachments": []}}),
        ("threads.list", {"limit": 0}),
        ("threads.list", {"order": "sideways"}),
        ("threads.get_by_id", {}),
        ("threads.add_client_tool_output", {"thread_id": "1", "result": {}}),
        ("attachments.create", {"name": "a", "size": 1, "mime_type": "image/png"}),
        ("attachments.delete", {"attachment_id": "a"}),
        ("input.transcribe", {"audio_base64": "", "mime_type": "audio/webm"}),
        ("threads.fly", {}),
    ],
)
def test_what_makes_no_sense_is_422(anyone: StreamClient, kind: str, params: dict[str, Any]) -> None:
    assert Thread(anyone).ask(kind, 422, **params)["code"] == "invalid"


def test_nobody_comes_in_without_a_token_or_at_anothers(service: StreamClient) -> None:
    other = StreamClient(service.port, service.log)
    with service.send("POST", f"{other.home}/chatkit", {"type": "threads.list", "params": {}}) as answer:
        assert answer.status == 403
    with service.send("POST", f"{service.home}/chatkit", {}, Authorization="Bearer x") as answer:
        assert answer.status == 401
