"""Every route and method of the URL configuration, and what strangers get from it.

A new endpoint fails here until it is listed, and listing it means saying who is let in.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import PersonalToken, User
from accounts.sessions import ending
from assistant.models import Conversation, conversation_id
from tasks.models import Task
from testing.callers import Caller, make_token

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Every page of it but these asks for a login with the admin role; its own tests are below.
STAFF_SITE: Final = "admin/"

# Route -> method -> (anonymous, another user); {user_id}, {task_id} and the other ids are Alice's.
PUBLIC: Final = (200, 200)
PRIVATE: Final = (401, 403)
OWN: Final = (401, 200)
NEEDS_BODY: Final = (422, 422)
NOTHING: Final = (404, 404)
COLLECTION: Final = {"GET": PRIVATE, "POST": PRIVATE}
ITEM: Final = {"GET": PRIVATE, "PUT": PRIVATE, "PATCH": PRIVATE, "DELETE": PRIVATE}
CHANGE: Final = {"PATCH": PRIVATE}
# Without a user id the path is the caller's own, where Alice's things are none.
NOT_THEIRS: Final = (401, 404)
OWN_NEEDS_BODY: Final = (401, 422)
EXPECTED: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "": {"GET": PUBLIC},
    "health": {"GET": PUBLIC},
    "health/ready": {"GET": PUBLIC},
    "openapi.json": {"GET": PUBLIC},
    # No message.
    "mcp": {"POST": (401, 400)},
    ".well-known/oauth-protected-resource": {"GET": PUBLIC},
    ".well-known/oauth-protected-resource/mcp": {"GET": PUBLIC},
    "docs": {"GET": PUBLIC},
    "redoc": {"GET": PUBLIC},
    "api/auth/signup": {"POST": NEEDS_BODY},
    "api/auth/login": {"POST": NEEDS_BODY},
    "api/auth/refresh": {"POST": NEEDS_BODY},
    "api/auth/logout": {"POST": OWN},
    "api/auth/logout-all": {"POST": OWN},
    # A body without the password deletes nobody.
    "api/auth/me": {"GET": OWN, "PATCH": OWN, "DELETE": (401, 422)},
    "api/auth/password": {"POST": (401, 422)},
    # Without mail there is nothing.
    "api/auth/password/forgot": {"POST": NOTHING},
    "api/auth/password/reset": {"POST": NOTHING},
    "api/auth/email": {"POST": NOTHING},
    "api/auth/email/verify": {"POST": NOTHING},
    "api/auth/email/confirm": {"POST": NOTHING},
    "api/auth/sessions": {"GET": OWN},
    "api/auth/sessions/{session_id}": {"DELETE": (401, 404)},
    "api/auth/get-session": {"GET": OWN},
    "api/auth/tokens": {"GET": OWN, "POST": (401, 422)},
    "api/auth/tokens/{token_id}": {"DELETE": (401, 404)},
    "api/admin/users": {"GET": PRIVATE},
    "api/admin/users/{user_id}": {"GET": PRIVATE, "PATCH": PRIVATE, "DELETE": PRIVATE},
    "api/admin/users/{user_id}/role": {"PATCH": PRIVATE},
    "api/admin/users/{user_id}/tasks/{task_id}": {"DELETE": PRIVATE},
    "api/admin/users/{user_id}/tasks": {"GET": PRIVATE},
    "api/admin/auth-events": {"GET": PRIVATE},
    "api/{user_id}/chat": {"POST": PRIVATE},
    "api/{user_id}/chat/{name}/stream": {"GET": PRIVATE},
    "api/{user_id}/chatkit": {"POST": PRIVATE},
    "api/{user_id}/conversations": COLLECTION,
    "api/{user_id}/conversations/history": {"GET": PRIVATE},
    "api/{user_id}/conversations/{conversation_id}/messages": {"GET": PRIVATE},
    "api/{user_id}/conversations/{conversation_id}": {"GET": PRIVATE, "DELETE": PRIVATE},
    "api/{user_id}/conversations/{conversation_id}/confirm": {"POST": PRIVATE},
    "api/{user_id}/tasks": COLLECTION,
    "api/{user_id}/tasks/bulk": {"POST": PRIVATE},
    "api/{user_id}/tasks/{task_id}": ITEM,
    "api/{user_id}/tasks/{task_id}/toggle": CHANGE,
    "api/{user_id}/tasks/{task_id}/complete": CHANGE,
    "api/{user_id}/tasks/trash": {"GET": PRIVATE},
    "api/{user_id}/tasks/{task_id}/restore": {"POST": PRIVATE},
    "api/{user_id}/tasks/{task_id}/history": {"GET": PRIVATE},
    "api/{user_id}/changes": {"GET": PRIVATE},
    "api/{user_id}/events": {"GET": PRIVATE},
    "api/{user_id}/undo": {"POST": PRIVATE},
    "api/tasks/trash": {"GET": OWN},
    "api/tasks/{task_id}/restore": {"POST": NOT_THEIRS},
    "api/tasks/{task_id}/history": {"GET": NOT_THEIRS},
    "api/tasks": {"GET": OWN, "POST": OWN_NEEDS_BODY},
    "api/tasks/bulk": {"POST": OWN_NEEDS_BODY},
    "api/tasks/{task_id}": dict.fromkeys(ITEM, NOT_THEIRS),
    "api/tasks/{task_id}/toggle": {"PATCH": NOT_THEIRS},
    "api/tasks/{task_id}/complete": {"PATCH": NOT_THEIRS},
    "api/chat": {"POST": OWN_NEEDS_BODY},
    # There is never a stream to go on with.
    "api/chat/{name}/stream": {"GET": (401, 204)},
    "api/chatkit": {"POST": OWN_NEEDS_BODY},
    "api/conversations": {"GET": OWN, "POST": (401, 201)},
    "api/conversations/history": {"GET": NOT_THEIRS},
    "api/conversations/{conversation_id}/messages": {"GET": NOT_THEIRS},
    "api/conversations/{conversation_id}": {"GET": NOT_THEIRS, "DELETE": NOT_THEIRS},
    "api/conversations/{conversation_id}/confirm": {"POST": NOT_THEIRS},
    "api/{user_id}": COLLECTION,
    "api/{user_id}/{task_id}": ITEM,
    "api/{user_id}/{task_id}/toggle": CHANGE,
    "api/{user_id}/{task_id}/complete": CHANGE,
}
# Who is no admin gets from the login page to the login page.
STAFF_OPEN: Final = {"admin/login/"}
# There is nothing to be logged out of, and the first page leads on.
LOGOUT: Final = ("admin/logout/", "/admin/")
CASES: Final = [(route, method) for route, methods in EXPECTED.items() for method in methods]


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each route of the configuration with the methods its view has a handler for."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(STAFF_SITE):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield plain(route), handled(pattern)


def plain(route: str) -> str:
    return re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def filled(route: str, owner: Caller, task: Task) -> str:
    session = ending.live_sessions(owner.id).get()
    now = timezone.now()
    conversation = Conversation.objects.create(
        user_id=owner.id, id=conversation_id(now), title="Groceries", created_at=now, updated_at=now
    )
    make_token(owner.user)
    token = PersonalToken.objects.filter(user_id=owner.id).latest("id")
    return route.format(
        user_id=owner.id,
        task_id=task.id,
        session_id=session.id,
        conversation_id=conversation.id,
        token_id=token.id,
        name="my chat",
    )


def handled(pattern: URLPattern) -> set[str]:
    view: Any = pattern.callback
    if actions := getattr(view, "actions", None):
        return {method.upper() for method in actions} - {"HEAD"}
    if view_class := getattr(view, "view_class", None):
        allowed = view.view_initkwargs.get("http_method_names", view_class.http_method_names)
        return {method for method in METHODS if method.lower() in allowed and hasattr(view_class, method.lower())}
    return {"GET"}


def test_every_route_and_method_is_listed() -> None:
    found = dict(routes(get_resolver().url_patterns))

    assert found == {route: set(methods) for route, methods in EXPECTED.items()}


@pytest.mark.parametrize(("route", "method"), CASES)
def test_strangers_get_what_the_list_says_and_change_nothing(
    alice: Caller, bob: Caller, anonymous: Caller, make_task: Callable[..., Task], route: str, method: str
) -> None:
    task = make_task(alice)
    path = "/" + filled(route, alice, task)

    statuses = anonymous.send(method, path).status, bob.send(method, path).status

    assert statuses == EXPECTED[route][method]
    kept = Task.objects.visible_to(alice.user).get()
    assert (kept.id, kept.version) == (task.id, 1)
    assert not Task.objects.visible_to(bob.user).exists()
    assert ending.live_sessions(alice.id).count() == 1
    assert PersonalToken.objects.filter(user_id=alice.id).count() == 1
    assert Conversation.objects.filter(user_id=alice.id).count() == 1
    # Bob's own, where there is no user in the path.
    assert Conversation.objects.filter(user_id=bob.id).count() == (statuses[1] == 201)


@pytest.mark.parametrize(("route", "method"), [case for case in CASES if case[0].startswith("api/")])
def test_strangers_get_the_same_under_another_prefix(
    alice: Caller, bob: Caller, anonymous: Caller, make_task: Callable[..., Task], route: str, method: str
) -> None:
    path = "/" + filled(route, alice, make_task(alice)).replace("api/", "api/v1/", 1)

    assert (anonymous.send(method, path).status, bob.send(method, path).status) == EXPECTED[route][method]
    assert Task.objects.visible_to(alice.user).get().version == 1


WITH_SOMETHING = [route for route, methods in EXPECTED.items() if NOTHING not in methods.values()]


@pytest.mark.parametrize("route", WITH_SOMETHING)
def test_methods_that_are_not_listed_are_405(alice: Caller, make_task: Callable[..., Task], route: str) -> None:
    task = make_task(alice)
    path = "/" + filled(route, alice, task)
    if route.startswith("api/admin/"):
        User.objects.filter(id=alice.id).update(role="admin")

    for method in {*METHODS, "PROPFIND"} - set(EXPECTED[route]):
        answer = alice.send(method, path)
        assert answer.is_problem(405, "method_not_allowed"), (method, answer)
        assert set(EXPECTED[route]) <= {word.strip() for word in answer.headers["Allow"].split(",")}


def test_nothing_is_traced(admin: Caller, make_task: Callable[..., Task]) -> None:
    """Many a proxy says so itself."""
    task = make_task(admin)

    for route in WITH_SOMETHING:
        answer = admin.send("TRACE", "/" + filled(route, admin, task))
        assert answer.is_problem(405, "method_not_allowed"), (route, answer)
        assert set(EXPECTED[route]) <= {word.strip() for word in answer.headers["Allow"].split(",")}


def staff_routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + re.sub(r"\^?\(\?P<(\w+)>[^)]*\)(/?)\$$", r"<str:\1>\2", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from staff_routes(pattern.url_patterns, route)
        elif route.startswith(STAFF_SITE):
            yield plain(route)


def staff_path(route: str, owner: Caller, task: Task) -> str:
    owned = {
        "accounts/user": owner.id,
        "tasks/task": task.id,
        "accounts/session": ending.live_sessions(owner.id).get().id,
    }
    subject = next((value for part, value in owned.items() if part in route), "1")
    values = {"object_id": subject, "content_type_id": 1, "app_label": "accounts", "name": "disable", "talk_id": 1}
    return "/" + route.format_map({**dict.fromkeys(re.findall(r"{(\w+)}", route), "x"), **values})


@pytest.mark.names_no_owner("staff look at everybody's")
@pytest.mark.parametrize("route", sorted(staff_routes(get_resolver().url_patterns)))
def test_no_page_of_the_staff_site_opens_for_who_is_no_admin(
    alice: Caller, bob: Caller, make_task: Callable[..., Task], make_user: Callable[..., User], route: str
) -> None:
    task = make_task(alice)
    path = staff_path(route, alice, task)
    outside = make_user("", id="7", issuer="https://issuer.example.com")
    disabled = make_user("off@example.com", role="admin")
    before = list(User.objects.order_by("id").values())

    for stranger in (None, bob.user, outside, disabled):
        for method in METHODS[:2]:
            client = Client()
            if stranger:
                client.force_login(stranger)
            User.objects.filter(id=disabled.id).update(is_active=False)
            answer = client.generic(method, path)
            if route in STAFF_OPEN:
                assert answer.status_code == 200
            else:
                assert answer.status_code == 302, (stranger, method)
                assert answer["Location"].startswith("/admin/login/?next=") or (route, answer["Location"]) == LOGOUT
        User.objects.filter(id=disabled.id).update(is_active=True)

    assert list(User.objects.order_by("id").values()) == before
    assert ending.live_sessions(alice.id).count() == 1
    assert Task.objects.visible_to(alice.user).get().version == 1


def test_the_pages_of_the_staff_site_are_found() -> None:
    found = set(staff_routes(get_resolver().url_patterns))

    assert found >= {"admin/", "admin/accounts/user/", "admin/accounts/user/{object_id}/act/{name}/", *STAFF_OPEN}
