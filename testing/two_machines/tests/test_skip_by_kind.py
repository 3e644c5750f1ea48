"""What a test cannot have through two instances, it is told at once; all else it has."""

import http.server
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as in_force
from django.test import RequestFactory

from assistant.providers.base import LanguageModel
from core.limits.allowances import Rate
from testing.model_server import MODEL
from testing.service import ROOT
from testing.two_machines import skips
from testing.two_machines.inside import UNLIMITED, Settings, Unchangeable
from testing.two_machines.relay import relaying
from testing.two_machines.suite import written_since
from testing.two_machines.transport import Transport

pytestmark = pytest.mark.once

Skipped = pytest.skip.Exception


@pytest.fixture
def place() -> Any:
    wanted: list[Any] = []
    return SimpleNamespace(want=wanted.append, ask=wanted.append, wanted=wanted)


def test_a_setting_is_read_and_not_changed(place: Any) -> None:
    settings = Settings(place)

    assert settings.MAX_TASKS == in_force.MAX_TASKS
    settings.MAX_TASKS = in_force.MAX_TASKS
    with pytest.raises(Skipped):
        settings.MAX_TASKS = 3
    with pytest.raises(Skipped):
        settings.AUTH_RATE_LIMIT = Rate(2, 60)
    with pytest.raises(Skipped):
        del settings.MAX_TASKS


def test_a_limit_is_out_of_the_way_and_a_model_is_asked(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_force, "LANGUAGE_MODEL", None)
    settings = Settings(place)
    model = LanguageModel(provider="openai", api_key="sk-x", base_url="http://127.0.0.1:9/v1", model=MODEL)

    settings.AUTH_RATE_LIMIT = Rate(1000, 60)
    settings.LANGUAGE_MODEL = model

    assert place.wanted == [UNLIMITED, model]
    assert model == settings.LANGUAGE_MODEL
    with pytest.raises(Skipped):
        settings.LANGUAGE_MODEL = replace(model, model="another")


def test_nothing_is_patched(place: Any) -> None:
    with pytest.raises(Skipped):
        Unchangeable().setattr(place, "wanted", None)
    assert place.wanted == []


@pytest.mark.parametrize(
    "said",
    [
        {"CONTENT_LENGTH": "5"},
        {"wsgi.input": None},
        {"todo.room": object()},
        {"SCRIPT_NAME": "/below"},
        {"HTTP_X": "a\nb"},
        {"PATH_INFO": "/a\0b"},
        {"REQUEST_METHOD": "TRACE"},
    ],
)
def test_what_no_request_can_say_is_not_sent(said: dict[str, Any]) -> None:
    environ = {**RequestFactory().get("/api/tasks").environ, **said}
    transport = Transport(0)

    with pytest.raises(Skipped):
        transport.send(environ)
    transport.close()


@pytest.mark.parametrize("name", skips.TESTS)
def test_each_name_of_the_list_is_one_of_a_test(name: str) -> None:
    path, _, test = name.partition("::")

    assert (ROOT / path).exists()
    assert not test or f"def {test}" in (ROOT / path).read_text()


def test_a_name_is_skipped_for_its_reason_and_others_are_not(request: pytest.FixtureRequest) -> None:
    names = [*skips.TESTS, request.node.nodeid]
    items: Any = [SimpleNamespace(nodeid=f"{name}[x]", get_closest_marker=lambda _: None) for name in names]

    assert [skips.reason_for(item) for item in items] == [*skips.TESTS.values(), None]


def test_a_failure_shows_what_was_written_meanwhile(tmp_path: Path) -> None:
    old, quiet, new = (tmp_path / name for name in ("old", "quiet", "new"))
    old.write_text("before\n")
    quiet.write_text("before\n")
    before = {path: path.stat().st_size for path in (old, quiet)}
    old.write_text("before\nmeanwhile\n")
    new.write_text("begun\n")

    assert written_since(before, [old, quiet, new]) == f"{old}\nmeanwhile\n{new}\nbegun\n"


class Telling(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        told = str(self.connection.getsockname()[1]).encode()
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Telling) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_relay_leads_to_the_last_and_cuts_who_was_led_elsewhere(port: int) -> None:
    def told(line: HTTPConnection) -> int:
        line.request("GET", "/")
        return int(line.getresponse().read())

    with relaying() as relay, socket.create_server(("127.0.0.1", 0)) as gone:
        there = gone.getsockname()[1]
        gone.close()
        relay.lead_to(port)
        kept = HTTPConnection("127.0.0.1", relay.port, timeout=20)
        assert [told(kept), told(kept)] == [port, port]
        relay.lead_to(there)
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            told(kept)
        kept.close()
        relay.lead_to(port)
        assert told(kept) == port
        kept.close()
