"""What goes to a model, and what comes back: the real SDK, and a scripted server on loopback."""

import json
from typing import Any

import pytest

from assistant.providers.base import ToolCall
from assistant.tests.model_calls import ADD_TASK, KEY, Asked, Connect, prompt
from testing.callers import in_parallel
from testing.model_answers import ModelAnswer, Request, calls, fails, fails_like_gemini, says, slow, streams
from testing.model_server import MODEL, ModelServer

pytestmark = pytest.mark.once


def test_a_text_is_written_piece_by_piece_and_replied_whole(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(says("Hello, how are you?"))
    asked = Asked(connect())

    assert "".join(asked.written) == asked.reply.text == "Hello, how are you?"
    assert len(asked.written) > 3
    assert asked.reply.message == {"role": "assistant", "content": "Hello, how are you?"}
    assert (asked.reply.calls, asked.reply.tokens) == ((), 150)


def test_the_request_says_all_that_is_needed_and_no_more(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(says("Hello"))
    wanted = prompt()
    Asked(connect(), wanted)

    [request] = model_server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": MODEL,
        "messages": list(wanted.messages),
        "tools": [ADD_TASK],
        "tool_choice": "auto",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 8192,
    }


def test_without_tools_none_are_mentioned(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(says("Hello"))
    Asked(connect(), prompt(tools=()))
    assert not {"tools", "tool_choice"} & model_server.requests[0].body.keys()


def test_parallel_calls_are_put_together_from_their_fragments(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", {"title": "Buy milk"}), ("list_tasks", {}), text="One moment."))
    asked = Asked(connect())

    assert [(call.name, json.loads(call.arguments)) for call in asked.reply.calls] == [
        ("add_task", {"title": "Buy milk"}),
        ("list_tasks", {}),
    ]
    assert asked.reply.text == "One moment."
    first = asked.reply.message["tool_calls"][0]
    assert first == {
        "id": asked.reply.calls[0].id,
        "type": "function",
        "function": {"name": "add_task", "arguments": '{"title": "Buy milk"}'},
    }
    assert len({call.id for call in asked.reply.calls}) == 2


def test_a_thought_signature_goes_back_as_it_came(connect: Connect, model_server: ModelServer) -> None:
    """Gemini refuses the next call without it."""

    def continued(request: Request) -> ModelAnswer:
        [first, second] = request.messages[2]["tool_calls"]
        has_it = first["extra_content"] == {"google": {"thought_signature": "EjQK/+Mg=="}}
        return says("Done.") if has_it and "extra_content" not in second else fails_like_gemini(400)

    wanted = calls(("add_task", {"title": "Milk"}), ("add_task", {"title": "Tea"}), signature="EjQK/+Mg==")
    model_server.script(wanted, continued)
    provider = connect()
    first = Asked(provider).reply
    results = [{"role": "tool", "tool_call_id": call.id, "content": "{}"} for call in first.calls]

    assert [json.loads(call.arguments)["title"] for call in first.calls] == ["Milk", "Tea"]
    assert Asked(provider, prompt(dict(first.message), *results)).reply.text == "Done."


def part(**fields: Any) -> dict[str, Any]:
    return {"tool_calls": [fields]}


SIGNATURE = {"google": {"thought_signature": "EjQK"}}
FIRST = {"id": "call_a", "type": "function", "function": {"name": "add_task", "arguments": '{"title'}}


@pytest.mark.parametrize(
    "deltas",
    [
        # By index; the id and the name repeated in each fragment.
        [part(index=0, **FIRST), part(index=0, id="call_a", function={"name": "add_task", "arguments": '": "x"}'})],
        # Gemini leaves the index out, and may send the signature by itself.
        [part(**FIRST), part(function={"arguments": '": "x"}'}), part(extra_content=SIGNATURE)],
        # What is null says nothing.
        [
            part(index=0, extra_content=None, **FIRST),
            part(index=0, id=None, function={"name": None, "arguments": '": "x"}'}),
        ],
    ],
)
def test_one_call_in_the_fragments_of_several_services(
    connect: Connect, model_server: ModelServer, deltas: list[dict[str, Any]]
) -> None:
    model_server.script(streams({"role": "assistant", "content": ""}, *deltas))
    reply = Asked(connect()).reply

    assert reply.calls == (ToolCall("call_a", "add_task", '{"title": "x"}'),)
    [call] = reply.message["tool_calls"]
    assert call.keys() - {"extra_content"} == {"id", "type", "function"}
    assert call.get("extra_content", SIGNATURE) == SIGNATURE
    assert "content" not in reply.message


@pytest.mark.parametrize("index", [{}, {"index": 0}])
def test_calls_of_other_ids_are_other_calls(connect: Connect, model_server: ModelServer, index: dict[str, int]) -> None:
    """Gemini's parallel calls have no index, or once all had the first."""
    function = {"name": "list_tasks", "arguments": "{}"}
    model_server.script(streams(*(part(id=name, function=function, **index) for name in ("a", "b"))))
    assert [call.id for call in Asked(connect()).reply.calls] == ["a", "b"]


def test_a_call_without_an_id_or_arguments_gets_them(connect: Connect, model_server: ModelServer) -> None:
    function = {"name": "list_tasks"}
    model_server.script(streams(part(function=function), part(function=function)))
    reply = Asked(connect()).reply

    assert [call.arguments for call in reply.calls] == ["{}", "{}"]
    assert [call["id"] for call in reply.message["tool_calls"]] == [call.id for call in reply.calls]
    assert len({call.id for call in reply.calls}) == 2


def test_what_is_unknown_stays_in_the_message(connect: Connect, model_server: ModelServer) -> None:
    """OpenRouter and DeepSeek want their reasoning back."""
    model_server.script(
        streams(
            {"reasoning_content": "Let me ", "extra_content": SIGNATURE},
            {
                "reasoning_content": "see.",
                "reasoning_details": [{"type": "reasoning.text", "text": "Let ", "index": 0}],
            },
            {"reasoning_details": [{"type": "reasoning.text", "text": "me", "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x", "index": 0}]},
            {"content": "Hello"},
        )
    )
    asked = Asked(connect())

    assert asked.written == ["Hello"]
    assert asked.reply.message == {
        "role": "assistant",
        "content": "Hello",
        "reasoning_content": "Let me see.",
        "extra_content": SIGNATURE,
        "reasoning_details": [
            {"type": "reasoning.text", "text": "Let me", "index": 0},
            {"type": "reasoning.encrypted", "data": "x", "index": 0},
        ],
    }


def test_broken_arguments_are_passed_on_as_they_are(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(calls(("add_task", '{"title": "x"')))
    assert Asked(connect()).reply.calls[0].arguments == '{"title": "x"'


def test_a_refusal_is_a_text(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(streams({"refusal": "I will "}, {"refusal": "not."}))
    asked = Asked(connect())
    assert asked.reply.text == "".join(asked.written) == "I will not."


def test_characters_that_cannot_be_stored_are_replaced(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(streams({"content": "a\x00b\ud83d", "extra": {"x": ["\udc00\U0001f600"]}}))
    asked = Asked(connect())
    assert asked.written == [asked.reply.text] == ["a\ufffdb\ufffd"]
    assert asked.reply.message["extra"] == {"x": ["\ufffd\U0001f600"]}


def test_tokens_are_estimated_where_nobody_counts_them(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(says("Hello", usage=None), says("Hello " * 200, usage=None), says("Hello", gemini=True))
    provider = connect()
    short, long, counted = (Asked(provider).reply.tokens for _ in range(3))
    assert 20 < short < 100
    assert long - short == pytest.approx(300, abs=3)
    assert counted == 150


@pytest.mark.parametrize(
    ("refused", "message", "sent"),
    [
        ("stream_options", "stream_options.include_usage: Extra inputs are not permitted", {}),
        ("max_completion_tokens", "extra_forbidden max_completion_tokens", {"max_tokens": 8192}),
        (
            "reasoning_effort",
            "Function tools with reasoning_effort are not supported for gpt-6-sol in /v1/chat/completions.",
            {"reasoning_effort": "none"},
        ),
    ],
)
def test_an_option_that_the_endpoint_refuses_is_never_sent_again(
    connect: Connect, model_server: ModelServer, refused: str, message: str, sent: dict[str, Any]
) -> None:
    model_server.script(fails(422 if "Extra" in message else 400, message=message), says("Hello"), says("Again"))
    provider = connect(pauses=())

    assert [Asked(provider).reply.text, Asked(provider).reply.text] == ["Hello", "Again"]
    for request in model_server.requests[1:]:
        assert {name: request.body[name] for name in sent} == sent
        assert (refused in request.body) == (refused in sent)


def test_threads_that_find_out_together_are_all_answered(connect: Connect, model_server: ModelServer) -> None:
    refusal = slow(0.2, fails(400, message="stream_options is not supported"))
    model_server.always = lambda request: refusal if "stream_options" in request.body else says("Hello")
    provider = connect(pauses=())
    assert in_parallel([lambda: Asked(provider).reply.text] * 8) == ["Hello"] * 8


def test_the_name_is_of_the_endpoint_and_the_model_and_holds_no_secret(connect: Connect) -> None:
    provider = connect(base_url="https://user:hidden@models.example.com:8443/v1/?key=hidden", model="small")
    assert provider.name == "small at models.example.com:8443/v1"
    assert provider.is_remote


def test_many_threads_share_one_provider(connect: Connect, model_server: ModelServer) -> None:
    model_server.always = lambda request: slow(0.2, says(request.messages[1]["content"]))
    provider = connect()
    asks = [lambda text=f"Text {number}": Asked(provider, prompt(text=text)).reply.text for number in range(30)]
    assert in_parallel(asks) == [f"Text {number}" for number in range(30)]


def test_the_calls_of_a_turn_use_one_connection(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(calls(("list_tasks", {})), says("Hello"), says("Again"))
    provider = connect()
    for _ in range(3):
        Asked(provider)
    assert len({request.port for request in model_server.requests}) == 1
