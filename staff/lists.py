"""The staff site's lists: what may be asked of them is what they show."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError
from django.http import HttpRequest
from unfold.views import ChangeList

from staff.csv_lists import CSVLists


class ShownFilters(ChangeList):
    """Django's takes any lookup on any column from the query, such as ``?password__startswith=``.

    Raises ``IncorrectLookupParameters`` for what is not among the list's filters: Django then shows the whole list.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, rest, *more = super().get_filters(request)
        if rest:
            raise IncorrectLookupParameters
        return specs, has_filters, rest, *more

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (DataError, OverflowError) as error:
            # A value that the field takes and the database does not: a NUL, an instant outside of all years.
            raise IncorrectLookupParameters from error


class ListedAdmin(CSVLists):
    """Nothing is deleted from a list: with "select all" that would be two clicks from everybody's."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ShownFilters


class LookOnly(ListedAdmin):
    """Shows rows, and neither adds, changes nor deletes one."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
