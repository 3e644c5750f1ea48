from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts import limits
from accounts.models import KnownAddress, User
from staff.middleware import StaffSessionMiddleware
from tasks.models import Task
from testing.callers import Caller, in_parallel

pytestmark = [pytest.mark.django_db, pytest.mark.names_no_owner("staff look at everybody's")]

PASSWORD = "correct horse battery"
PAGES = ["/admin/", "/admin/accounts/user/", "/admin/tasks/task/"]


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def staff(make_user: Any) -> Client:
    client = Client()
    client.force_login(make_user("staff@example.com", role="admin"))
    return client


def log_in(email: str) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": email, "password": PASSWORD})
    return client


def test_an_admin_logs_in_by_email(make_user: Any) -> None:
    with_password(make_user("staff@example.com", role="admin"))

    client = log_in("Staff@Example.com")

    assert all(client.get(page).status_code == 200 for page in PAGES)


@pytest.mark.parametrize("sent", ["", "https://evil.example.com/", "//evil.example.com", "javascript:alert(1)"])
def test_a_login_that_would_lead_elsewhere_leads_to_the_first_page(make_user: Any, sent: str) -> None:
    with_password(make_user("staff@example.com", role="admin"))
    form = {"username": "staff@example.com", "password": PASSWORD, "next": sent}

    answer = Client().post("/admin/login/", form, follow=True)

    assert answer.redirect_chain == [("/admin/", 302)]
    assert answer.status_code == 200


@pytest.mark.parametrize("fields", [{"role": "user"}, {"role": "admin", "is_active": False}])
def test_nobody_else_gets_in(make_user: Any, fields: dict[str, Any]) -> None:
    with_password(make_user("other@example.com", **fields))

    client = log_in("other@example.com")

    assert all(client.get(page).status_code == 302 for page in PAGES)


def test_an_api_token_opens_nothing(make_user: Any) -> None:
    admin = Caller(make_user("staff@example.com", role="admin"))

    assert all(admin.get(page).status == 302 for page in PAGES)


def test_a_demotion_closes_the_staff_site_at_once(staff: Client) -> None:
    User.objects.update(role="user")

    assert staff.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "query",
    ["?q=alice", "?q=groceries", "?completed__exact=1", "?role__exact=user", "?q=%00", "?p=x", "?o=99", "?q=x'%25_"],
)
def test_lists_can_be_searched_and_filtered(
    staff: Client, alice: Caller, make_task: Callable[..., Task], query: str
) -> None:
    make_task(alice)

    for page in PAGES[1:]:
        assert staff.get(page + query, follow=True).status_code == 200


def test_search_finds_by_email_and_title(staff: Client, alice: Caller, make_task: Callable[..., Task]) -> None:
    make_task(alice)

    assert alice.id in staff.get("/admin/accounts/user/?q=ALICE@example").content.decode()
    assert "Buy groceries" in staff.get("/admin/tasks/task/?q=grocer").content.decode()
    assert "Buy groceries" not in staff.get("/admin/tasks/task/?q=nothing").content.decode()


def test_a_task_is_shown_but_not_changed(staff: Client, alice: Caller, make_task: Callable[..., Task]) -> None:
    task = make_task(alice)
    page = f"/admin/tasks/task/{task.id}/change/"

    assert staff.get(page).status_code == 200
    assert staff.post(page, {"title": "Changed"}).status_code == 403

    assert Task.objects.get().title == "Buy groceries"


def test_nothing_is_typed_into_an_account(staff: Client, alice: Caller) -> None:
    page = f"/admin/accounts/user/{alice.id}/change/"
    assert staff.get(page).status_code == 200

    assert staff.post(page, {"name": "Alicia", "role": "admin", "email": "x@example.com"}).status_code == 403

    stored = User.objects.get(id=alice.id)
    assert (stored.is_active, stored.role, stored.email, stored.name) == (True, "user", "alice@example.com", "Alice")


def test_people_and_tasks_are_not_added_by_hand(staff: Client) -> None:
    assert staff.get("/admin/accounts/user/add/").status_code == 403
    assert staff.get("/admin/tasks/task/add/").status_code == 403


def test_deleting_an_account_deletes_what_it_owns_and_nothing_else(
    staff: Client, alice: Caller, bob: Caller, make_task: Callable[..., Task]
) -> None:
    make_task(alice)
    kept = make_task(bob)
    limits.remember_address(alice.user, "203.0.113.5")

    staff.post(f"/admin/accounts/user/{alice.id}/delete/", {"typed": "alice@example.com"})

    assert not User.objects.filter(id=alice.id).exists()
    assert not KnownAddress.objects.filter(user_id=alice.id).exists()
    assert [task.id for task in Task.objects.all()] == [kept.id]


def test_nobody_switches_themself_off(staff: Client) -> None:
    me = User.objects.get(email="staff@example.com")

    for act in ("disable", "unmake-admin"):
        staff.post(f"/admin/accounts/user/{me.id}/act/{act}/", {"sure": "yes"})
    staff.post(f"/admin/accounts/user/{me.id}/delete/", {"typed": me.email})

    stored = User.objects.get(id=me.id)
    assert (stored.is_active, stored.role) == (True, "admin")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_account_is_deleted_while_its_owner_goes_on(staff: Client, alice: Caller) -> None:
    def create() -> int:
        return alice.post(alice.tasks, {"title": "Late"}).status

    def delete() -> int:
        return staff.post(f"/admin/accounts/user/{alice.id}/delete/", {"typed": "alice@example.com"}).status_code

    statuses = [status for _ in range(3) for status in in_parallel([create, create, create, delete, create, create])]

    assert set(statuses) <= {201, 302, 401}
    assert not User.objects.filter(id=alice.id).exists()
    assert Task.objects.count() == 0


def test_an_id_with_a_nul_is_nobody(staff: Client) -> None:
    assert staff.get("/admin/accounts/user/%00/change/").status_code == 302


def test_a_call_of_the_api_looks_at_no_cookie(alice: Caller) -> None:
    answer = alice.get(alice.tasks, Cookie="sessionid=x")

    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(("path", "has_session"), [("/admin/tasks/", True), ("/api/auth/me", False)])
def test_only_the_staff_site_has_cookie_sessions(path: str, has_session: bool) -> None:
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(hasattr(request, "session"))
        return HttpResponse()

    StaffSessionMiddleware(view)(RequestFactory().get(path))

    assert seen == [has_session]
