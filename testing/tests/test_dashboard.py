"""The dashboard asks for metrics that there are, by labels that they have."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest
from django.urls import get_resolver

from core.telemetry import metrics
from testing.service import ROOT
from todo_project.server import access_log, measuring

pytestmark = pytest.mark.once

DASHBOARD: Final = json.loads((ROOT / "deploy/grafana/todo.json").read_text())
# Prometheus' own, of a histogram.
OF_HISTOGRAM: Final = ("_bucket", "_sum", "_count")


@pytest.fixture(scope="module")
def declared() -> dict[str, set[str]]:
    """Labels by name, as Prometheus lists them."""
    # Whoever counts is loaded.
    assert access_log.REQUESTS
    assert measuring.WAITING
    assert get_resolver().url_patterns
    found: dict[str, set[str]] = {}
    for metric in metrics.declared:
        is_histogram = isinstance(metric, metrics.Histogram)
        for name in [metric.name + end for end in OF_HISTOGRAM] if is_histogram else [metric.name]:
            found[name] = {*metric.labels, *(["le"] if is_histogram else [])}
    return found


def expressions() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]


def test_it_asks_for_what_there_is_by_its_labels(declared: dict[str, set[str]]) -> None:
    for expression, legend in expressions():
        names = set(re.findall(r"todo_\w+", expression))
        assert names
        assert names <= declared.keys(), expression
        labels = {label for name in names for label in declared[name]}
        grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(",")}
        chosen = set(re.findall(r"(\w+)=~?\"", expression))
        assert grouped | chosen <= labels, expression
        assert set(re.findall(r"{{(\w+)}}", legend)) <= grouped


def test_it_shows_all_that_is_counted(declared: dict[str, set[str]]) -> None:
    asked = {name for expression, _ in expressions() for name in re.findall(r"todo_\w+", expression)}

    assert {metric.name for metric in metrics.declared} == {
        metric.name for metric in metrics.declared if any(name.startswith(metric.name) for name in asked)
    }


def test_its_panels_have_places_of_their_own() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]

    assert len(set(places)) == len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})
