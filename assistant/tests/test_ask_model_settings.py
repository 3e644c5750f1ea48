"""Which model is asked, with which key, and what of it all reaches a log."""

import subprocess
from typing import Any

import pytest
from pytest_django import Settings

from assistant.providers import choosing
from assistant.providers.base import GEMINI_URL, LanguageModel
from assistant.tests.model_calls import KEY, Asked, Connect
from testing import service
from testing.model_answers import calls, says, slow
from testing.model_server import MODEL, ModelServer

pytestmark = pytest.mark.once

SAYS = """
import sys, time, django
from datetime import UTC, datetime
django.setup()
from assistant.providers import base, choosing
from assistant.understanding import Understanding
provider = choosing.configured()
if provider:
    said = [{"role": "user", "content": "a-message-of-mine"}, {"role": "tool", "content": "a-title-of-mine"}]
    print(provider.reply(base.Prompt(said, (), datetime.now(UTC), Understanding(), time.monotonic() + 20), str).text)
print(sorted({"openai", "httpx2", "pydantic"} & sys.modules.keys()))
"""


def run(**settings: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, set as a deployment sets it."""
    return service.run(("-c", SAYS), settings)


def test_without_a_model_none_is_chosen_and_nothing_loaded(settings: Settings) -> None:
    settings.LANGUAGE_MODEL = None
    assert choosing.configured() is None
    assert run().stdout == "[]\n"


def test_the_loudest_log_holds_nothing_of_what_was_said(model_server: ModelServer) -> None:
    model_server.script(says("an-answer-of-its-own"))
    url = model_server.base_url.replace("http://", "http://user:a-secret-of-mine@")
    loud = {"LOG_LEVEL": "DEBUG", "OPENAI_LOG": "debug"}
    done = run(LLM_BASE_URL=url, LLM_MODEL=MODEL, LLM_API_KEY="a-key-of-mine", **loud)

    assert "an-answer-of-its-own" in done.stdout
    assert "of-mine" not in done.stderr
    assert "an-answer" not in done.stderr
    assert not [name for name in ("openai", "httpx2", "httpcore2", "127.0.0.1") if name in done.stderr]


@pytest.mark.parametrize(
    ("provider", "base_url", "model", "name", "effort"),
    [
        ("openai", None, None, "gpt-6-luna at api.openai.com/v1", "none"),
        ("openai", None, "gpt-4.1", "gpt-4.1 at api.openai.com/v1", None),
        ("openai", "http://[::1]:11434/v1/", "small", "small at [::1]:11434/v1", None),
        ("gemini", GEMINI_URL, None, "gemini-3.8-flash at generativelanguage.googleapis.com/v1beta/openai", "low"),
        ("gemini", GEMINI_URL, "other", "other at generativelanguage.googleapis.com/v1beta/openai", None),
    ],
)
def test_each_configuration_has_its_endpoint_and_model(
    settings: Settings, provider: str, base_url: str | None, model: str | None, name: str, effort: str | None
) -> None:
    settings.LANGUAGE_MODEL = LanguageModel(provider=provider, api_key="key", base_url=base_url, model=model)
    chosen: Any = choosing.configured()
    is_kept = choosing.configured() is chosen
    options = chosen.options
    choosing.forget()

    assert is_kept
    assert (chosen.name, options.get("reasoning_effort")) == (name, effort)


@pytest.mark.parametrize(
    ("base_url", "first_byte", "seconds"),
    [
        # danny-avila/LibreChat#3330 and cline/cline#12839: a server that has to load the model first.
        ("http://localhost:11434/v1", None, 80),
        ("http://127.0.0.1:1234/v1", None, 80),
        ("http://[::1]:8080/v1", None, 80),
        ("http://192.168.1.20:8000/v1", None, 80),
        ("http://[fd00::7]/v1", None, 80),
        ("http://ollama:11434/v1", None, 80),
        ("http://host.docker.internal:11434/v1", None, 80),
        ("http://studio.local:1234/v1", None, 80),
        ("https://models.example.com/v1", None, 30),
        ("https://8.8.8.8/v1", None, 30),
        ("https://models.example.com/v1", 25, 45),
        ("http://localhost:11434/v1", 5, 30),
    ],
)
def test_how_long_a_turn_may_take_depends_on_how_long_the_first_byte_may(
    settings: Settings, base_url: str, first_byte: int | None, seconds: float
) -> None:
    settings.LLM_FIRST_BYTE_SECONDS = first_byte
    settings.LANGUAGE_MODEL = LanguageModel(provider="openai", api_key="key", base_url=base_url, model="small")
    chosen: Any = choosing.configured()
    choosing.forget()

    assert chosen.turn_seconds == seconds


def test_a_first_byte_that_is_late_is_waited_for(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(slow(1.2, says("Hello")))
    reply = Asked(connect(read_seconds=4)).reply
    assert (reply.text, reply.asks) == ("Hello", 1)


def test_the_default_s_effort_is_sent(connect: Connect, model_server: ModelServer) -> None:
    model_server.script(says("Hello"))
    Asked(connect(reasoning_effort="none"))
    assert model_server.requests[0].body["reasoning_effort"] == "none"


def test_a_local_server_needs_no_key(
    connect: Connect, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another")
    model_server.script(says("Hello"))
    assert Asked(connect(api_key=None)).reply.text == "Hello"
    assert "sk-of-another" not in str(model_server.requests[0].headers)


def test_no_variable_of_the_sdk_changes_what_is_sent_where(
    connect: Connect, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-of-another")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "sk-of-another")
    # A proxy is for the way out, not for a server on this machine.
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    model_server.script(calls(("list_tasks", {})))

    assert Asked(connect()).reply.calls
    [request] = model_server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert "sk-of-another" not in str(request)
    assert not [name for name in request.headers if name.startswith("openai-")]


def test_the_fixture_sets_the_service_to_use_the_scripted_model(model_server: ModelServer) -> None:
    model_server.script(says("Hello"))
    provider: Any = choosing.configured()
    assert Asked(provider).reply.text == "Hello"
