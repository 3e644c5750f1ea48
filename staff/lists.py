"""The staff site's lists: what may be asked of them is what they show, and no list costs more the longer it is.

Pages go by a key of an index, and nothing is counted. What no index finds, such as a word in a title, is looked for in
the newest ``WINDOW`` rows, and then further back by a link.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters, ShowFacets
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db import DataError, connection, transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from staff.csv_lists import CSVLists

WINDOW: Final = 20_000
BEFORE: Final = "before"
SEPARATOR: Final = "~"


class Search(NamedTuple):
    condition: Q
    # An index finds it: then it is looked for in all rows.
    is_narrow: bool


class Uncounted(Paginator):  # type: ignore[type-arg] # not subscriptable at run time
    """For choosers, which ask for the next page as long as one is full."""

    template_name = "staff/pages.html"

    @cached_property
    def count(self) -> int:
        return self.per_page * 1000

    def _get_page(self, *args: Any, **kwargs: Any) -> "FullPage":
        return FullPage(*args, **kwargs)


class FullPage(Page):  # type: ignore[type-arg] # as above
    def has_next(self) -> bool:
        return len(self.object_list) == self.paginator.per_page


class Key:
    """By which a list is ordered, the last first: columns of an index, of which the last tells equal ones apart."""

    def __init__(self, model: type[Model], names: Sequence[str]) -> None:
        self._fields: list[Any] = [model._meta.get_field(name) for name in names]
        self.names = list(names)
        self.descending = [f"-{name}" for name in names]

    def of(self, row: Model) -> list[Any]:
        return [getattr(row, name) for name in self.names]

    def write(self, values: Sequence[Any]) -> str:
        return SEPARATOR.join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)

    def read(self, text: str) -> list[Any]:
        """Raises ``IncorrectLookupParameters``."""
        parts = text.split(SEPARATOR, len(self._fields) - 1)
        try:
            values = [field.to_python(part) for field, part in zip(self._fields, parts, strict=False)]
        except ValidationError as error:
            raise IncorrectLookupParameters from error
        if any(isinstance(value, datetime) and value.tzinfo is None for value in values):
            raise IncorrectLookupParameters
        return values

    def below(self, rows: QuerySet[Any], values: Sequence[Any]) -> QuerySet[Any]:
        first, *rest = self.names
        if len(values) == 1:
            return rows.filter(**{f"{first}__lt": values[0]})
        equal = {first: values[0], f"{rest[0]}__gte": values[1]}
        return rows.filter(**{f"{first}__lte": values[0]}).exclude(**equal)


class BoundedList(ChangeList):
    """Raises ``IncorrectLookupParameters`` for what is not among the list's filters: Django then shows the whole list,
    where it would take any lookup on any column from the query, such as ``?password__startswith=``.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, rest, *more = super().get_filters(request)
        if rest:
            raise IncorrectLookupParameters
        return specs, has_filters, rest, *more

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        if BEFORE in self.params:
            # No link or form that changes the list keeps the place in it.
            self.before = self.params.pop(BEFORE)
            self.filter_params.pop(BEFORE)
            request.GET = request.GET.copy()  # type: ignore[assignment] # a QueryDict too
            del request.GET[BEFORE]  # type: ignore[misc] # as above
        with _incorrect():
            found = super().get_queryset(request, exclude_parameters)
        self.is_narrow = bool(self.query) and self.model_admin.searched(request, self.query).is_narrow
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return list(self.key.descending)

    def get_results(self, request: HttpRequest) -> None:
        with _incorrect():
            rows, further = self._read()
        self.result_list = rows[: self.list_per_page]
        self.model_admin.add_what_is_shown(self.result_list)
        self.older = self._link(self.key.of(self.result_list[-1])) if len(rows) > self.list_per_page else None
        self.further = self._link([further]) if further is not None and self.older is None else None
        self.newest = self.get_query_string() if self.before else None
        self.window = WINDOW
        self.result_count = self.full_result_count = len(self.result_list)
        self.paginator = Uncounted([], self.list_per_page)
        self.show_all = self.can_show_all = self.multi_page = self.show_full_result_count = False
        self.show_admin_actions = True

    before: str | None = None
    model_admin: Any
    filter_specs: list[Any]

    @cached_property
    def key(self) -> Key:
        return Key(self.model, self.model_admin.newest_first)

    def _read(self) -> tuple[list[Any], Any]:
        """A page and one row more; and the key of the row until which was looked, if that is not the last one."""
        values = self.key.read(self.before) if self.before else None
        found = self.key.below(self.queryset, values) if values else self.queryset
        bound = None if self._is_narrow() else self._bound(values)
        if bound is not None:
            found = found.filter(**{f"{self.key.names[0]}__gte": bound})
        return list(found[: self.list_per_page + 1]), bound

    def _is_narrow(self) -> bool:
        if any(getattr(spec, "narrows", False) and spec.value() for spec in self.filter_specs):
            return True
        if self.query:
            return self.is_narrow
        return not self.has_active_filters

    def _bound(self, values: Sequence[Any] | None) -> Any:
        first = self.key.names[0]
        rows = self.root_queryset if values is None else self.root_queryset.filter(**{f"{first}__lte": values[0]})
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # It takes row security to show one row of two hundred, and would read and sort the whole table.
                cursor.execute("SET LOCAL enable_seqscan = off")
            return next(iter(rows.order_by(f"-{first}").values_list(first, flat=True)[WINDOW : WINDOW + 1]), None)

    def _link(self, values: Sequence[Any]) -> str:
        return self.get_query_string({BEFORE: self.key.write(values)})


@contextmanager
def _incorrect() -> Iterator[None]:
    """A value that the field takes and the database does not: a NUL, an instant outside of all years."""
    try:
        yield
    except (DataError, OverflowError) as error:
        raise IncorrectLookupParameters from error


class ListedAdmin(CSVLists):
    """Nothing is deleted from a list: with "select all" that would be two clicks from everybody's."""

    # Columns of an index; the last one is unique.
    newest_first: ClassVar[tuple[str, ...]] = ("created_at", "id")
    paginator = Uncounted
    list_per_page = 50
    list_filter_submit = True
    list_disable_select_all = True
    # A list in another order would be read whole.
    sortable_by = ()
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def search(self, text: str) -> Search:
        """What a list shows of those rows."""
        raise NotImplementedError

    def add_what_is_shown(self, rows: list[Any]) -> None:
        """By one statement for a whole page."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (queryset.filter(self.searched(request, search_term).condition) if search_term else queryset), False

    def searched(self, request: HttpRequest, text: str) -> Search:
        """Once for a request."""
        known: dict[str, Search] = request.__dict__.setdefault("staff_searches", {})
        if text not in known:
            known[text] = self.search(text)
        return known[text]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return BoundedList


class LookOnly(ListedAdmin):
    """Shows rows, and neither adds, changes nor deletes one."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
