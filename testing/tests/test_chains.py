"""All test clients have the middleware that the first of them built, until a setting changes that it was built from."""

import pytest
from django.core.handlers.base import BaseHandler
from django.test import Client
from pytest_django import Settings

from testing.callers import Caller

pytestmark = pytest.mark.once


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[BaseHandler]:
    """For whom Django looked through ``MIDDLEWARE``."""
    seen: list[BaseHandler] = []
    adapt = BaseHandler.adapt_method_mode

    def count(self: BaseHandler, *arguments: object, **more: object) -> object:
        seen.append(self)
        return adapt(self, *arguments, **more)  # type: ignore[arg-type] # whatever Django hands on

    monkeypatch.setattr(BaseHandler, "adapt_method_mode", count)
    return seen


def test_a_second_client_builds_nothing(anonymous: Caller, builds: list[BaseHandler]) -> None:
    anonymous.get("/admin/login/")
    builds.clear()

    assert Client().get("/admin/login/").status_code == 200

    assert not builds


def test_a_setting_that_middleware_is_built_from_counts_at_once(anonymous: Caller, settings: Settings) -> None:
    before = anonymous.get("/admin/login/").headers
    assert before["Referrer-Policy"] != "origin"

    settings.SECURE_REFERRER_POLICY = "origin"

    assert Client().get("/admin/login/").headers["Referrer-Policy"] == "origin"


def test_a_client_that_minds_csrf_does_so_with_the_middleware_of_others(anonymous: Caller) -> None:
    anonymous.get("/admin/login/")

    assert Client(enforce_csrf_checks=True).post("/admin/login/").status_code == 403
    assert Client().post("/admin/login/").status_code == 200
