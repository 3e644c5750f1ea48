"""What nobody asked for is not loaded."""

from typing import Final

import pytest

from testing.service import output

pytestmark = pytest.mark.once

# redis and DRF load by themselves what they find of OpenTelemetry's interface; these are what makes and sends traces.
LOADED: Final = """
import runpy, sys
runpy.run_path("gunicorn.conf.py")
import todo_project.wsgi, todo_project.urls, todo_project.server.worker
print(*sorted(sys.modules.keys() & {"prometheus_client", "opentelemetry.sdk.trace", "opentelemetry.exporter"}))
"""


def test_neither_metrics_nor_traces_are_loaded_where_none_are_wanted() -> None:
    assert output(["-c", LOADED], {"DATABASE_URL": "sqlite:///:memory:"}).strip() == ""


def test_metrics_are_loaded_where_they_are() -> None:
    settings = {"DATABASE_URL": "sqlite:///:memory:", "METRICS_TOKEN": "only-for-tests-0f2e9c"}

    assert output(["-c", LOADED], settings).strip() == "prometheus_client"


def test_traces_are_too() -> None:
    traces = "from todo_project.server import tracing; tracing.start('http://127.0.0.1:9'); "

    told = output(["-c", traces + LOADED], {"DATABASE_URL": "sqlite:///:memory:", "OTEL_SDK_DISABLED": None})
    assert told.split() == ["opentelemetry.exporter", "opentelemetry.sdk.trace"]
