"""The answers and refusals that public reports tell of, from a real server; the tables are in ``quirks``."""

import json
import logging
import re
from dataclasses import replace
from typing import Any

import pytest

from assistant.tests.model_calls import Asked, Connect, prompt
from assistant.tests.quirks.answers import ANSWERS, CALL_JSON, DESCRIBED, QUOTED, AnswerQuirk, letters
from assistant.tests.quirks.refusals import REFUSALS, RefusalQuirk, tells_tools_in_words
from assistant.tools.definitions import TOOLS
from core.errors import BadGateway, Unavailable
from testing.model_answers import ModelAnswer, fails, says
from testing.model_server import ModelServer

pytestmark = pytest.mark.once

EARLIER: list[dict[str, Any]] = [
    {
        "role": "assistant",
        "tool_calls": [{"id": "earlier", "type": "function", "function": {"name": "list_tasks", "arguments": "{}"}}],
    },
    {"role": "tool", "tool_call_id": "earlier", "content": json.dumps({"tasks": [{"description": f"a\n{DESCRIBED}"}]})},
]
SAID = f"What is {QUOTED}?"


@pytest.mark.parametrize("quirk", ANSWERS, ids=lambda quirk: f"{quirk.report} {quirk.what}")
def test_an_answer_comes_to_what_was_meant(connect: Connect, model_server: ModelServer, quirk: AnswerQuirk) -> None:
    model_server.script(*quirk.answers)

    asked = Asked(connect(), prompt(*EARLIER, tools=TOOLS, text=SAID))

    assert not model_server.left
    reply = asked.reply
    assert reply.text.strip() == quirk.text
    assert [(call.name, json.loads(call.arguments)) for call in reply.calls] == list(quirk.calls)
    assert reply.asks == len(quirk.answers)
    assert_can_be_sent_back(reply.message)


def assert_can_be_sent_back(message: Any) -> None:
    ids = ["earlier", *(call["id"] for call in message.get("tool_calls", []))]
    assert all(isinstance(call_id, str) and call_id for call_id in ids)
    assert len(set(ids)) == len(ids)
    for call in message.get("tool_calls", []):
        assert isinstance(json.loads(call["function"]["arguments"]), dict)
        assert not {"index"} & call.keys()
    assert isinstance(message.get("content", ""), str)
    assert "Secret" not in message.get("content", "")


@pytest.mark.parametrize(
    "quirk", [quirk for quirk in ANSWERS if "without its beginning" not in quirk.what], ids=lambda quirk: quirk.report
)
def test_no_thought_and_no_written_call_is_shown(
    connect: Connect, model_server: ModelServer, quirk: AnswerQuirk
) -> None:
    model_server.script(*quirk.answers)
    assert "".join(Asked(connect(), prompt(*EARLIER, tools=TOOLS, text=SAID)).written).strip() == quirk.text


def test_who_thinks_without_beginning_is_heard_from_the_second_answer_on_only_after_it(
    connect: Connect, model_server: ModelServer
) -> None:
    [quirk] = [quirk for quirk in ANSWERS if quirk.report == "open-webui/open-webui#9808"]
    model_server.script(*quirk.answers, *quirk.answers)
    provider = connect()

    first, second = (Asked(provider) for _ in range(2))

    assert first.reply.text == second.reply.text == "Hello."
    assert "".join(second.written) == "Hello."


def test_each_row_names_a_report() -> None:
    reports = [*(quirk.report for quirk in ANSWERS), *(quirk.report for quirk in REFUSALS)]
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", report) for report in reports)
    assert len(set(reports)) == len(reports) > 45


@pytest.mark.parametrize("quirk", REFUSALS, ids=lambda quirk: f"{quirk.report} {quirk.what}")
def test_what_is_refused_is_sent_otherwise_from_then_on(
    connect: Connect, model_server: ModelServer, quirk: RefusalQuirk
) -> None:
    model_server.script(quirk.refusal, says("Hello."), says("Again."))
    provider = connect(pauses=())
    asked = prompt({**EARLIER[0], **quirk.before}, EARLIER[1], tools=TOOLS)

    first, second = (Asked(provider, asked).reply for _ in range(2))

    assert (first.text, first.asks, second.text, second.asks) == ("Hello.", 2, "Again.", 1)
    assert all(quirk.is_met(request.body) for request in model_server.requests[1:])


def test_several_refusals_come_one_by_one(connect: Connect, model_server: ModelServer) -> None:
    """As of vLLM without a parser: it refuses "auto", and then what it takes for the same."""
    message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    model_server.script(fails(400, message=message), fails(400, message=message), letters(CALL_JSON))
    reply = Asked(connect(), prompt(*EARLIER, tools=TOOLS)).reply

    assert tells_tools_in_words(model_server.requests[2].body)
    assert [call.name for call in reply.calls] == ["add_task"]


def test_reasoning_that_is_missed_is_not_dropped(connect: Connect, model_server: ModelServer) -> None:
    message = "The `reasoning_content` in the thinking mode must be passed back to the API."
    model_server.script(fails(400, message=message), says("Never asked for"))
    with pytest.raises(BadGateway):
        Asked(connect(), prompt({**EARLIER[0], "reasoning_content": "Hm."}, EARLIER[1], tools=TOOLS))
    assert model_server.left == 1


@pytest.mark.parametrize("most", [1, 2, 5])
def test_no_more_is_asked_than_may_be(connect: Connect, model_server: ModelServer, most: int) -> None:
    model_server.always = fails(503)
    with pytest.raises(Unavailable):
        Asked(connect(), replace(prompt(), most_asks=most))
    assert len(model_server.requests) == min(most, 3)


def test_a_slip_is_asked_about_once_more_and_no_more(connect: Connect, model_server: ModelServer) -> None:
    model_server.always = fails(400, code="tool_use_failed")
    with pytest.raises(BadGateway):
        Asked(connect())
    assert len(model_server.requests) == 2


def test_the_log_tells_the_code_and_the_option_and_nothing_else(
    connect: Connect, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    error = {"message": "Secret", "code": "unsupported_value", "param": "tools[0].type", "failed_generation": "Secret"}
    hostile = {"message": "Secret", "code": "Secret words of a person", "param": "Secret\nline"}
    for told in (error, hostile):
        model_server.script(ModelAnswer(status=400, body=json.dumps({"error": told}).encode()))
        with pytest.raises(BadGateway):
            Asked(connect())

    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "status 400, code 'unsupported_value', about 'tools[0].type', request" in lines[0]
    assert "code" not in lines[1]
    assert "Secret" not in caplog.text
