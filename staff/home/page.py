"""What the staff site shows first: how many came, what they did, what went wrong, and how the service is."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuthEvent
from staff.home import figures, health
from staff.pages import links

NEWEST: Final = 10
# Labels that are written below a chart; the others are in its table.
LABELS: Final = 6
TITLES: Final = {
    figures.Kind.SIGNUPS: "Signups a day",
    figures.Kind.ACTIVE: "Active users a day",
    figures.Kind.CREATED: "Tasks created a day",
    figures.Kind.COMPLETED: "Tasks completed a day",
    figures.FAILED: "Failed logins an hour",
    figures.THROTTLED: "Throttled attempts an hour",
}


class Chart(NamedTuple):
    title: str
    # In words: all of them together, or today's where one person is in several.
    sum: str
    # As text, the newest first; None: not counted yet.
    rows: list[tuple[str, int | None]]
    # For the theme's chart.js.
    data: str


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme's DASHBOARD_CALLBACK."""
    events = list(AuthEvent.objects.order_by("-created_at", "-id")[:NEWEST])
    names = links.names_of({event.subject for event in events})
    newest = [(event, _whose(event.subject, names), links.to_events(event.address)) for event in events]
    return {**context, "charts": charts(timezone.now()), "newest": newest, "parts": health.look()}


def _whose(subject: str, names: Mapping[str, str]) -> str:
    """It may be the hash of a tried email, or of somebody who is gone."""
    return links.to_user(subject, names[subject]) if subject in names else subject


def charts(now: datetime) -> list[Chart]:
    daily, hourly = figures.by_day(now), figures.by_hour(now)
    return [
        *(_chart(TITLES[figures.Kind(kind)], "%d %b", counted) for kind, counted in daily.items()),
        *(_chart(TITLES[kind], "%H:%M", counted) for kind, counted in hourly.items()),
    ]


def _chart(title: str, label: str, counted: Mapping[Any, int | None]) -> Chart:
    labels = [_written(begin, label) for begin in counted]
    values = list(counted.values())
    dataset = {"label": title, "data": values, "backgroundColor": "var(--color-primary-500)"}
    shown = {"displayYAxis": True, "maxTicksXLimit": LABELS}
    data = json.dumps({"labels": labels, "datasets": [dataset | shown]})
    return Chart(title, _summed(title, values), list(zip(labels, values, strict=True))[::-1], data)


def _summed(title: str, values: Sequence[int | None]) -> str:
    if title == TITLES[figures.Kind.ACTIVE]:
        return f"{values[-1]:,} today"
    span = f"{figures.HOURS} hours" if len(values) == figures.HOURS else f"{figures.DAYS} days"
    return f"{sum(filter(None, values)):,} in {span}"


def _written(begin: date, label: str) -> str:
    return begin.strftime(label)
