from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

import todo_project
from testing.callers import Caller


def test_welcome(anonymous: Caller) -> None:
    answer = anonymous.get("/")

    assert answer.status == 200
    assert answer.json["status"] == "healthy"
    assert answer.json["version"] == todo_project.__version__
    assert answer.json["message"]
    assert answer.json["docs"] == "/docs"


@pytest.mark.parametrize("path", ["/health", "/health/"])
@pytest.mark.parametrize("host", ["testserver", "10.0.0.7:7860", "evil.example.com", "", "é"])
def test_health_answers_any_host_without_io(anonymous: Caller, path: str, host: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = anonymous.get(path, Host=host)

    assert answer.status == 200
    assert answer.json == {"status": "healthy"}
    assert len(queries) == 0


@pytest.mark.parametrize("path", ["/health/ready", "/health/ready/"])
@pytest.mark.parametrize("host", ["10.0.0.7:7860", "evil.example.com", "", "é"])
def test_ready_answers_any_host(anonymous: Caller, path: str, host: str) -> None:
    answer = anonymous.get(path, Host=host)

    assert (answer.status, answer.json["status"]) == (200, "ready")
    assert anonymous.send("HEAD", path, Host=host).status == 200


def test_ready_names_each_part(anonymous: Caller) -> None:
    answer = anonymous.get("/health/ready")

    assert answer.status == 200
    assert answer.json == {"status": "ready", "checks": {"database": "ok", "migrations": "ok", "cache": "ok"}}


def test_not_ready_without_the_database(anonymous: Caller) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("away")):
        answer = anonymous.get("/health/ready")

    assert answer.status == 503
    assert answer.json["status"] == "unavailable"
    assert answer.json["checks"] == {"database": "failed", "migrations": "failed", "cache": "ok"}
    assert answer.headers["Retry-After"]


def test_not_ready_before_the_migrations(anonymous: Caller) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")

    assert anonymous.get("/health/ready").json["checks"]["migrations"] == "failed"


def test_not_ready_without_the_cache(anonymous: Caller) -> None:
    with patch.object(cache, "get", return_value=None):
        assert anonymous.get("/health/ready").json["checks"]["cache"] == "failed"
