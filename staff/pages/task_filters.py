from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value
from django.utils import timezone

from core.texts import fold
from staff.pages.filters import ChoiceFilter, WordFilter
from tasks.models import Priority


class StateFilter(ChoiceFilter):
    title = "State"
    parameter_name = "state"
    options = {
        "open": ("Open", lambda: Q(completed_at=None)),
        "completed": ("Completed", lambda: Q(completed_at__isnull=False)),
    }


class PriorityFilter(ChoiceFilter):
    title = "Priority"
    parameter_name = "priority"
    options = {label: (label.capitalize(), partial(Q, priority=value)) for value, label in Priority.choices}


class DueFilter(ChoiceFilter):
    title = "Due"
    parameter_name = "due"
    options = {
        "overdue": ("Overdue", lambda: Q(completed_at=None, due_at__lt=timezone.now())),
        "day": ("In the next 24 hours", lambda: _due_within(timedelta(days=1))),
        "week": ("In the next 7 days", lambda: _due_within(timedelta(days=7))),
        "later": ("Later", lambda: Q(due_at__gte=timezone.now() + timedelta(days=7))),
        "none": ("Never", lambda: Q(due_at=None)),
    }


class TagFilter(WordFilter):
    title = "Tag"
    parameter_name = "tag"

    def condition(self, text: str) -> Q:
        return Q(HasTag(Value(fold(text)), F("tag_keys")))


class HasTag(Func):
    """A tag's key, and the column of keys: an array on PostgreSQL, JSON on SQLite."""

    output_field = BooleanField()
    conditional = True
    template = "(%(expressions)s)))"
    arg_joiner = " IN (SELECT value FROM json_each("

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s))", arg_joiner=" = ANY(", **context)


def _due_within(span: timedelta) -> Q:
    now = timezone.now()
    return Q(due_at__gte=now, due_at__lt=now + span)
