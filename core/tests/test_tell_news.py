from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction

from core import news


@pytest.mark.django_db
def test_news_are_heard_once_what_they_tell_of_has_committed(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> None:
    monkeypatch.setattr(news, "_ears", [])
    heard: list[frozenset[str]] = []
    news.announce("u-0")
    news.listen(heard.append)

    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            news.announce("u-1")
        assert not heard

    assert heard == [frozenset({"u-1"})]
