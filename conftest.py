from collections.abc import Callable, Generator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tasks import services
from tasks.models import Task
from testing import ownership
from testing.callers import Caller


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    if item.get_closest_marker("names_no_owner"):
        return (yield)
    with ownership.watched():
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own behaviour")


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(email: str, **fields: Any) -> User:
        user = User(email=email, **fields)
        # No test needs the hash of a password it does not use: bcrypt takes its time by design.
        user.set_unusable_password()
        user.save(force_insert=True)
        return user

    return make


@pytest.fixture
def alice(make_user: Callable[..., User]) -> Caller:
    """Owns what the tests are about."""
    return Caller(make_user("alice@example.com", name="Alice"))


@pytest.fixture
def bob(make_user: Callable[..., User]) -> Caller:
    """Another user, with a good token of his own."""
    return Caller(make_user("bob@example.com", name="Bob"))


@pytest.fixture
def anonymous(db: None) -> Caller:
    return Caller()


@pytest.fixture
def make_task(db: None) -> Callable[..., Task]:
    def make(owner: Caller, title: str = "Buy groceries", **fields: Any) -> Task:
        return services.create_task(owner.id, title=title, **fields)

    return make
