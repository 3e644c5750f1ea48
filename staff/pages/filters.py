"""Filters of the staff site's lists, named as people say it; none asks the database what there is to choose."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter, TextFilter

Choices = Mapping[str, tuple[str, Callable[[], Q]]]


class Named:
    """The theme says "By" before each title."""

    title: Any

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):  # type: ignore[misc] # a mixin of filters
            for field in choice["form"].fields.values():
                field.label = str(self.title).capitalize()
            yield choice


class ChoiceFilter(Named, DropdownFilter):
    options: ClassVar[Choices]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.options.get(self.value() or "")
        return queryset.filter(chosen[1]()) if chosen else queryset


class WordFilter(Named, TextFilter):
    def condition(self, text: str) -> Q:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        return queryset.filter(self.condition(text)) if text else queryset


class OwnerFilter(Named, AutocompleteSelectFilter):  # type: ignore[misc] # the theme's bases disagree on a type
    """Whose rows they are, which an index finds."""

    narrows = True


DAYS: Final = {"1": "In the last day", "7": "In the last 7 days", "30": "In the last 30 days"}


def since(column: str, days: Mapping[str, str] = DAYS, *, otherwise: str) -> Choices:
    """Since when; and what is longer ago."""

    def after(count: str) -> Q:
        return Q(**{f"{column}__gte": timezone.now() - timedelta(days=int(count))})

    chosen: dict[str, tuple[str, Callable[[], Q]]] = {
        count: (label, partial(after, count)) for count, label in days.items()
    }
    return {**chosen, "longer": (otherwise, lambda: ~after(max(days, key=int)))}
