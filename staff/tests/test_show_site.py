from typing import Any

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]


@pytest.mark.parametrize("page", ["/admin/", "/admin/accounts/user/", "/admin/password_change/"])
def test_every_page_is_one_of_the_sites_own(make_user: Any, page: str) -> None:
    client = Client()
    client.force_login(make_user("staff@example.com", role="admin"))

    content = client.get(page).content.decode()

    assert "Todo staff" in content
    assert 'action="/admin/logout/"' in content


def test_the_login_asks_for_an_email() -> None:
    assert b'type="email"' in Client().get("/admin/login/").content
