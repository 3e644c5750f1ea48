"""What may be asked of the staff site's lists: their own filters, and nothing else of any column."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from testing.callers import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

# By the links beside each list.
LISTS: Final = {
    "/admin/accounts/user/": ("role", "state", "issuer", "joined", "seen"),
    "/admin/accounts/session/": ("state", "seen"),
    "/admin/accounts/authevent/": ("kind", "outcome", "when"),
    "/admin/tasks/task/": ("state", "priority", "due", "tag", "user__id__exact"),
}
# Django's filter by another row takes this beside its own.
NULLS: Final = ("user__isnull",)
VALUES: Final = ("", "1", "x", "(", "9" * 40, "%00", "%ED%A0%80", "2026-01-14T10:00:00Z", "9999-12-31T23:59:59-12:00")


@pytest.fixture
def staff(admin: Caller) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(admin.user)
    return client


def model_of(page: str) -> type[models.Model]:
    app, name = page.split("/")[2:4]
    return next(model for model in admin.site._registry if model._meta.label_lower == f"{app}.{name}")  # noqa: SLF001 - Django has no other way to them


def lookups(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.get_fields():
        names = [field.name, f"{field.name}__pk", f"{field.name}__user__password__startswith"]
        known: Any = getattr(field, "get_lookups", dict)()
        yield from [*names, *(f"{field.name}__{lookup}" for lookup in known)]
        if field.is_relation:
            yield from (f"{field.name}__{name}" for name in ("password", "password__startswith", "email__regex"))


@pytest.mark.once
@pytest.mark.parametrize("page", LISTS)
def test_no_lookup_is_answered_but_those_that_are_shown(staff: Client, page: str) -> None:
    asked = [lookup for lookup in lookups(model_of(page)) if lookup not in (*LISTS[page], *NULLS)]
    assert len(asked) > 50

    answers = {lookup: staff.get(f"{page}?{lookup}=(").status_code for lookup in asked}

    assert {lookup: status for lookup, status in answers.items() if status not in (302, 400)} == {}


@pytest.mark.parametrize("page", LISTS)
def test_those_that_are_shown_are_answered_whatever_the_value(staff: Client, page: str) -> None:
    for lookup in LISTS[page]:
        good = "2026-01-14T10:00:00Z" if lookup.endswith(("__gte", "__lt")) else "1"
        assert staff.get(f"{page}?{lookup}={good}").status_code == 200
        assert {staff.get(f"{page}?{lookup}={value}").status_code for value in VALUES} <= {200, 302}, lookup


def test_only_these_lists_are_there() -> None:
    pages = {f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}  # noqa: SLF001 - as above

    assert pages == set(LISTS)
