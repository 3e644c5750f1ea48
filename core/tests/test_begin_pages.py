from django.http import QueryDict
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.request import Request

from core.rest.pagination import KeysetPagination


def test_a_page_has_as_many_rows_as_is_asked_for_in_the_request_or_instead_of_it(settings: Settings) -> None:
    asked = Request(RequestFactory().get("/", {"limit": "5"}))
    bare = Request(RequestFactory().get("/"))
    pages = KeysetPagination()

    assert pages.begin(asked, "list") == (5, None)
    assert pages.begin(asked, "list", QueryDict("limit=3")) == (3, None)
    assert pages.begin(asked, "list", QueryDict("")) == (settings.PAGE_SIZE, None)
    assert pages.begin(bare, "list") == (settings.PAGE_SIZE, None)
