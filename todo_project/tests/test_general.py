from unittest.mock import patch

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

import todo_project
from testing.callers import Caller
from todo_project import row_security
from todo_project.server import departure


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
    assert answer.json == {"status": "healthy", "version": todo_project.__version__, "commit": settings.COMMIT}
    assert len(queries) == 0


@pytest.mark.parametrize("path", ["/health/ready", "/health/ready/"])
@pytest.mark.parametrize("host", ["10.0.0.7:7860", "evil.example.com", "", "é"])
def test_ready_answers_any_host(anonymous: Caller, path: str, host: str) -> None:
    answer = anonymous.get(path, Host=host)

    assert (answer.status, answer.json["status"]) == (200, "ready")
    assert anonymous.send("HEAD", path, Host=host).status == 200


def test_ready_names_each_part(anonymous: Caller) -> None:
    answer = anonymous.get("/health/ready")

    checks = {
        "database": "ok",
        "migrations": "ok",
        "row_security": "ok" if connection.vendor == "postgresql" else "off",
        "cache": "ok",
        "mail": "off",
    }
    assert answer.status == 200
    assert set(answer.json) == {"status", "checks", "milliseconds", "version", "commit"}
    assert (answer.json["status"], answer.json["checks"]) == ("ready", checks)
    assert answer.json["milliseconds"].keys() == checks.keys()
    assert all(value >= 0 for value in answer.json["milliseconds"].values())


def test_not_ready_without_the_database(anonymous: Caller) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("away")):
        answer = anonymous.get("/health/ready")

    assert answer.status == 503
    assert answer.json["status"] == "unavailable"
    assert answer.json["checks"] == {
        "database": "failed",
        "migrations": "failed",
        "row_security": "failed",
        "cache": "ok",
        "mail": "off",
    }
    assert answer.headers["Retry-After"]


def test_not_ready_before_the_migrations(anonymous: Caller) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")

    assert anonymous.get("/health/ready").json["checks"]["migrations"] == "failed"


def test_degraded_without_the_cache(anonymous: Caller) -> None:
    with patch.object(cache, "get", return_value=None):
        answer = anonymous.get("/health/ready")

    assert (answer.status, answer.json["status"], answer.json["checks"]["cache"]) == (200, "degraded", "failed")


def test_not_ready_once_the_server_is_about_to_stop(anonymous: Caller) -> None:
    with patch.object(departure, "is_announced", return_value=True):
        answer = anonymous.get("/health/ready")

    assert (answer.status, answer.json["status"]) == (503, "draining")
    assert anonymous.get("/health").status == 200


def test_ready_does_not_read_the_migrations_anew_each_time(anonymous: Caller) -> None:
    anonymous.get("/health/ready")

    with patch.object(MigrationLoader, "build_graph", side_effect=AssertionError):
        assert anonymous.get("/health/ready").json["checks"]["migrations"] == "ok"


@pytest.mark.postgresql
@pytest.mark.django_db
def test_each_table_of_owned_rows_has_row_security_but_for_those_read_before_anybody_is_known() -> None:
    owned = {model._meta.db_table for model in apps.get_models() if "user_id" in columns(model)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE schemaname = current_schema()")
        protected = {table for (table,) in cursor.fetchall()}

    assert protected == set(row_security.TABLES)
    # Looked at to find out who is calling, or who is meant by a mail.
    before = {f"accounts_{name}" for name in ("session", "knownaddress", "personaltoken", "recoverytoken")}
    of_staff = {"django_admin_log", "staff_conversationreader", "staff_secondfactor", "staff_recoverycode"}
    assert owned - protected == {*before, "core_outgoingmail", *of_staff}


def columns(model: type[Model]) -> set[str]:
    return {str(field.column) for field in model._meta.concrete_fields}
