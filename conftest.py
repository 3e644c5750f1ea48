import logging
import os
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.db import connection
from pytest_django import Settings

from accounts import limits, middleware
from accounts.models import User
from assistant.providers import choosing
from assistant.providers.base import LanguageModel
from core import logs
from core.limits.allowances import Rate
from core.sql import row_owner
from tasks import services
from tasks.models import Task
from testing import chains, flushing, postgres, redis_server, service
from testing.callers import Caller
from testing.citus import watch
from testing.databases import closed_by_threads, copied_database, empty_database
from testing.mail_server import MailServer
from testing.model_server import MODEL, ModelServer
from testing.postgres import Cluster
from testing.warm_starts import processes
from testing.watching import ownership, session_settings

pytest_plugins = ["testing.citus.plugin"]
SERVERS = {"own_database", "database", "image"}
REAL_ROUNDS = BCryptSHA256PasswordHasher.rounds


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    with ExitStack() as watches:
        if connection.vendor == "postgresql":
            watches.enter_context(session_settings.none_left())
        if not item.get_closest_marker("names_no_owner"):
            watches.enter_context(ownership.watched())
        if not item.get_closest_marker("not_on_citus"):
            watches.enter_context(watch.watched())
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that start servers come first: the longest test, begun last, would leave all cores but one idle."""
    starters = {item.path for item in items if SERVERS & set(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in starters)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own behaviour")


@pytest.fixture(scope="session", autouse=True)
def _quick_between_tests() -> Generator[None, None, None]:
    with chains.built_once(), flushing.without_signals(), processes.on():
        yield


@pytest.fixture(scope="session", autouse=True)
def _closed_by_threads() -> Generator[None, None, None]:
    with closed_by_threads():
        yield


@pytest.fixture(autouse=True)
def _everybody() -> Generator[None, None, None]:
    """Tests make and look at anybody's rows; a request they send sees its caller's alone."""
    with row_owner.all_rows("tests"):
        yield


@pytest.fixture(autouse=True)
def _fresh_general_limit() -> None:
    """It is kept in the process, which all tests share; other limits go with the test's rows."""
    limits.forget_calls()
    middleware.forget_refusals()


@pytest.fixture(autouse=True)
def _fresh_rations() -> None:
    """A line that the test before has written takes none from this one."""
    for name in (logs.OUTAGE, logs.REPLICA):
        for ration in logging.getLogger(name).filters:
            if isinstance(ration, logs.Ration):
                ration.forget()


@pytest.fixture(autouse=True)
def _cheap_passwords(request: pytest.FixtureRequest) -> None:
    """A real hash takes a quarter of a second; the real algorithm with its fewest rounds takes a millisecond.

    Set for each test, and not put back: a test that sets it too may be the one that puts it back last.
    """
    is_real = request.node.get_closest_marker("real_rounds")
    BCryptSHA256PasswordHasher.rounds = REAL_ROUNDS if is_real else 4


@pytest.fixture
def roomy_auth_limit(settings: Settings) -> None:
    """For tests of something else that log in more than five times."""
    settings.AUTH_RATE_LIMIT = Rate(1000, 60)


@pytest.fixture(scope="session")
def needs_redis() -> None:
    if not redis_server.is_installed():
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed")
        pytest.skip("redis-server is not installed")


@pytest.fixture(scope="session")
def redis_server_url(needs_redis: None) -> Generator[str, None, None]:
    with redis_server.running() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str, settings: Settings) -> str:
    """Has the limits counted in an empty Redis."""
    with redis.Redis.from_url(redis_server_url) as client:
        client.flushall()
    settings.REDIS_URL = redis_server_url
    return redis_server_url


@pytest.fixture
def model_server(settings: Settings) -> Generator[ModelServer, None, None]:
    """A language model that answers by a script, and that the service is set to use."""
    with ModelServer() as server:
        settings.LANGUAGE_MODEL = LanguageModel(
            provider="openai", api_key="sk-only-for-tests", base_url=server.base_url, model=MODEL
        )
        yield server
    choosing.forget()
    assert not server.unexpected


@pytest.fixture(scope="session")
def _mail_server() -> Generator[MailServer, None, None]:
    with MailServer() as server:
        yield server


@pytest.fixture
def mail_server(_mail_server: MailServer, settings: Settings) -> MailServer:
    """Where mails go; the others' are gone from it."""
    _mail_server.forget()
    settings.MAIL_IS_ON = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", _mail_server.port
    settings.DEFAULT_FROM_EMAIL = "Todo <todo@todo.example>"
    settings.PUBLIC_URL = "https://app.example.com"
    return _mail_server


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    """The URL of a database with all migrations applied, for ``copied_database``."""
    with empty_database(tmp_path_factory.mktemp("template")) as url:
        service.output(service.MIGRATE, {"DATABASE_URL": url})
        yield url


@pytest.fixture
def own_database(template: str, tmp_path: Path) -> Generator[str, None, None]:
    """The URL of a migrated database for a test's own servers."""
    with copied_database(template, tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def database() -> Generator[Cluster, None, None]:
    """A PostgreSQL that a test may stop."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.own_cluster(binaries) as cluster:
        yield cluster


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
def admin(make_user: Callable[..., User]) -> Caller:
    return Caller(make_user("admin@example.com", name="Admin", role="admin"))


@pytest.fixture
def anonymous(db: None) -> Caller:
    return Caller()


@pytest.fixture
def make_task(db: None) -> Callable[..., Task]:
    def make(owner: Caller, title: str = "Buy groceries", **fields: Any) -> Task:
        return services.create_task(owner.id, title=title, **fields)

    return make
