"""What lets a list of the staff site be taken along as CSV."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from staff import acts, tables


class CSVLists(ModelAdmin):
    """The rows that are ticked by an action; all that match the filters and the search by a button below the list."""

    list_after_template = "staff/csv.html"  # type: ignore[assignment] # typed by its default alone

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_csv"
        return [path("csv/", self.admin_site.admin_view(require_POST(self.csv_view)), name=name), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_actions(request), "export_these": self.get_action("export_these")}

    @admin.action(description="Export these as CSV", permissions=["view"])
    def export_these(self, request: HttpRequest, selected: QuerySet[Any]) -> HttpResponseBase:
        return tables.answer(selected, client=acts.staff_client(request))

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """By the query that the list has. One that makes no sense leads to the whole list, as it does there."""
        try:
            matching = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect("../?e=1")
        return tables.answer(matching, client=acts.staff_client(request))
