"""Health on the staff site: right of each part, and soon over whatever hangs."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts.tokens import key_parsing
from assistant.providers import choosing
from assistant.providers.base import LanguageModel
from testing.issuers import Issuer
from testing.model_server import ModelServer
from todo_project import staff_health

pytestmark = pytest.mark.django_db

OWN_SECONDS = staff_health.SECONDS


@pytest.fixture(autouse=True)
def nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_health, "_outside", {})
    # As long as a busy machine may take.
    monkeypatch.setattr(staff_health, "SECONDS", 20)
    monkeypatch.setattr(key_parsing, "FETCH_SECONDS", 20)


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    issuer = Issuer()
    settings.JWKS_URL = issuer.jwks_url
    yield issuer
    issuer.may_answer.set()
    issuer.stop()


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def states() -> dict[str, str]:
    return {part.name: part.state for part in staff_health.look()}


def use_model(settings: Settings, url: str) -> None:
    settings.LANGUAGE_MODEL = LanguageModel(provider="openai", api_key="key", base_url=url, model="small")


def test_what_is_not_set_up_is_off(settings: Settings) -> None:
    settings.JWKS_URL = settings.LANGUAGE_MODEL = None

    assert states() == {"database": "ok", "cache": "ok", "keys of the issuer": "off", "model": "off"}


def test_who_answers_is_well(issuer: Issuer, model_server: ModelServer) -> None:
    parts = staff_health.look()

    assert {part.state for part in parts} == {"ok"}
    assert all(part.milliseconds > 0 for part in parts)


def test_a_model_that_does_not_take_the_key_is_not(settings: Settings, model_server: ModelServer) -> None:
    use_model(settings, model_server.base_url)

    assert states()["model"] == "failed"


@pytest.mark.parametrize("answer", [(500, {}, b""), (200, {}, b"<html>"), (200, {}, b'{"keys": []}')])
def test_an_issuer_without_keys_is_not(issuer: Issuer, answer: tuple[int, dict[str, str], bytes]) -> None:
    issuer.answer = answer

    assert states()["keys of the issuer"] == "failed"


def test_whoever_is_away_or_hangs_is_not_and_is_not_waited_for(
    settings: Settings, issuer: Issuer, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert OWN_SECONDS <= 2
    monkeypatch.setattr(staff_health, "SECONDS", 3)
    issuer.may_answer.clear()
    use_model(settings, silent)
    assert choosing.configured()
    begun = time.monotonic()

    found = states()

    # One after the other they would be waited for twice as long.
    assert time.monotonic() - begun < 6
    assert (found["keys of the issuer"], found["model"], found["database"]) == ("failed", "failed", "ok")


def test_nobody_outside_is_asked_each_time(issuer: Issuer) -> None:
    for _ in range(5):
        assert states()["keys of the issuer"] == "ok"

    assert issuer.fetches == 1


def test_after_a_while_they_are_asked_again(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_health, "KEPT_SECONDS", 0)
    assert states()["keys of the issuer"] == "ok"
    issuer.stop()

    assert states()["keys of the issuer"] == "failed"


def test_a_cache_that_keeps_nothing_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(cache), "get", lambda *_: None, raising=False)

    assert states()["cache"] == "failed"
