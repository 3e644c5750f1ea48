"""What a service remembers in one process alone is noticed by a test that one process would satisfy."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from testing.two_machines.front import Front, serving_twice
from testing.two_machines.suite import is_by_turns
from testing.two_machines.transport import Transport

# The service, which answers with what it was told last.
PLANTED: Final = """
from todo_project.settings import *
from todo_project.settings import MIDDLEWARE as THEIRS

MIDDLEWARE = ["planted.Remembering", *THEIRS]


class Remembering:
    last = ""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["X-Told-Before"] = Remembering.last
        Remembering.last = request.headers.get("X-Tell", "")
        return response
"""


def is_remembered(client: Client) -> None:
    told = [client.get("/api/auth/me", headers={"X-Tell": word})["X-Told-Before"] for word in ("a", "b", "c")]
    assert told[1:] == ["a", "b"]


def through(port: int, test: Callable[[Client], None]) -> int:
    transport = Transport(port)
    with transport.in_place_of_the_handler():
        test(Client())
    return transport.sent


def test_state_of_one_process_holds_in_one_and_not_through_two(front: Front, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(PLANTED)
    settings = {"DJANGO_SETTINGS_MODULE": "planted", "PYTHONPATH": str(tmp_path)}

    with serving_twice(replace(front.place, home=tmp_path, settings=front.place.settings | settings)) as planted:
        before = planted.answered()
        assert through(planted.ports[0], is_remembered) == 3
        with pytest.raises(AssertionError):
            through(planted.server.port, is_remembered)

    first, second = (now - then for now, then in zip(planted.answered(), before, strict=True))
    assert min(first - 3, second) >= 1


@pytest.mark.parametrize(
    ("sent", "answered", "expected"),
    [(100, [50, 50], True), (100, [60, 40], True), (100, [61, 39], False), (100, [100, 0], False), (5, [5, 0], True)],
)
def test_a_run_of_which_one_answers_little_is_no_run_through_two(sent: int, answered: Any, expected: bool) -> None:
    assert is_by_turns(sent, answered) is expected
