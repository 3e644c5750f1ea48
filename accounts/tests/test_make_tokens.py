from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import personal_tokens, pruning, roles
from accounts.models import AuthEvent, PersonalToken, Scope, Session, User
from core.errors import Unauthenticated
from core.limits.allowances import Rate
from testing.callers import CLIENT, Caller, in_parallel, make_token
from testing.issuers import Issuer, bearer

TOKENS: Final = "/api/auth/tokens"
DRAFT: Final = {"name": "Laptop", "scopes": ["tasks:read", "chat"]}


def events() -> list[tuple[str, str, str]]:
    kinds = ["token_created", "token_revoked"]
    return list(AuthEvent.objects.filter(kind__in=kinds).order_by("id").values_list("kind", "subject", "reason"))


def test_a_token_is_shown_once_and_kept_as_a_hash(alice: Caller) -> None:
    made = alice.post(TOKENS, DRAFT)

    assert made.status == 201, made
    assert set(made.json) == {"id", "name", "scopes", "created_at", "last_used_at", "expires_at", "token"}
    assert made.json["token"].startswith("todo_")
    assert "." not in made.json["token"]
    assert made.headers["Cache-Control"] == "no-store"
    listed = alice.get(TOKENS)
    assert listed.json["data"] == [{name: made.json[name] for name in made.json if name != "token"}]
    assert listed.json["data"][0] | {"id": "", "created_at": ""} == {
        "id": "",
        "name": "Laptop",
        "scopes": ["tasks:read", "chat"],
        "created_at": "",
        "last_used_at": None,
        "expires_at": None,
    }
    [row] = PersonalToken.objects.filter(user_id=alice.id)
    assert made.json["token"] not in {str(value) for value in vars(row).values()}
    assert events() == [("token_created", alice.id, made.json["id"])]


def test_they_are_the_callers_own(alice: Caller, bob: Caller, anonymous: Caller) -> None:
    token_id = alice.post(TOKENS, DRAFT).json["id"]

    assert bob.get(TOKENS).json == {"data": []}
    assert bob.delete(f"{TOKENS}/{token_id}").is_problem(404, "token_not_found")
    assert anonymous.get(TOKENS).is_problem(401)
    assert anonymous.post(TOKENS, DRAFT).is_problem(401)
    assert anonymous.delete(f"{TOKENS}/{token_id}").is_problem(401)
    assert PersonalToken.objects.filter(user_id=alice.id).count() == 1


def test_a_revoked_one_opens_nothing_more(alice: Caller) -> None:
    made = alice.post(TOKENS, DRAFT).json
    program = bearer(made["token"])
    assert program.get(alice.tasks).status == 200

    assert alice.delete(f"{TOKENS}/{made['id']}").status == 204

    assert program.get(alice.tasks).is_problem(401, "token_invalid")
    assert alice.delete(f"{TOKENS}/{made['id']}").is_problem(404, "token_not_found")
    assert [kind for kind, *_ in events()] == ["token_created", "token_revoked"]


@pytest.mark.parametrize("token", ["x", "00000000-0000-0000-0000-000000000001", "%00", "-" * 36])
def test_what_is_no_token_is_404(alice: Caller, token: str) -> None:
    assert alice.delete(f"{TOKENS}/{token}").is_problem(404, "token_not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u200b"}, "name"),
        ({"name": 1}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": None}, "scopes"),
        ({"scopes": "chat"}, "scopes"),
        ({"scopes": {"chat": True}}, "scopes"),
        ({"scopes": ["admin"]}, "scopes.0"),
        ({"scopes": [["chat"]]}, "scopes.0"),
        ({"scopes": ["chat"] * 21}, "scopes"),
        ({"expires_at": "2020-01-14T10:00:00Z"}, "expires_at"),
        ({"expires_at": "2999-01-14T10:00:00"}, "expires_at"),
        ({"expires_at": 1}, "expires_at"),
    ],
)
def test_a_draft_that_makes_no_sense_is_422(alice: Caller, change: dict[str, Any], field: str) -> None:
    answer = alice.post(TOKENS, DRAFT | change)

    assert answer.is_problem(422), answer
    assert answer.json["errors"][0]["field"] == field
    assert not PersonalToken.objects.filter(user_id=alice.id).exists()


def test_scopes_are_a_set(alice: Caller) -> None:
    assert alice.post(TOKENS, DRAFT | {"scopes": ["chat", "tasks:read", "chat"]}).json["scopes"] == [
        "tasks:read",
        "chat",
    ]


@pytest.mark.names_no_owner(reason="prune sweeps")
def test_one_that_has_expired_is_told_so_until_it_is_pruned(alice: Caller) -> None:
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    program = bearer(alice.post(TOKENS, DRAFT | {"expires_at": soon}).json["token"])
    assert program.get(alice.tasks).status == 200

    PersonalToken.objects.filter(user_id=alice.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert program.get(alice.tasks).is_problem(401, "token_expired")
    assert pruning.prune(timezone.now())["personal tokens"] == 0
    assert pruning.prune(timezone.now() + timedelta(days=2))["personal tokens"] == 1
    assert program.get(alice.tasks).is_problem(401, "token_invalid")


@pytest.mark.names_no_owner(reason="prune sweeps")
def test_those_that_never_expire_are_not_pruned(alice: Caller) -> None:
    make_token(alice.user)

    assert pruning.prune(datetime(9999, 1, 1, tzinfo=UTC))["personal tokens"] == 0


@pytest.mark.parametrize("scopes", [(), ("tasks:read",)])
def test_a_method_that_is_not_there_is_405_whatever_a_token_may(alice: Caller, scopes: tuple[str, ...]) -> None:
    program = bearer(make_token(alice.user, *scopes))

    assert program.delete(alice.tasks).is_problem(405, "method_not_allowed")
    assert program.patch(alice.tasks).is_problem(405, "method_not_allowed")


def test_the_last_use_is_noted_once_a_minute(alice: Caller) -> None:
    program = bearer(make_token(alice.user))
    used = PersonalToken.objects.filter(user_id=alice.id).values_list("last_used_at", flat=True)
    assert used.get() is None

    assert program.get(alice.tasks).status == 200
    first = used.get()
    assert first
    with CaptureQueriesContext(connection) as queries:
        assert program.get(alice.tasks).status == 200
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    assert used.get() == first

    long_ago = first - timedelta(seconds=61)
    used.update(last_used_at=long_ago)
    assert program.get(alice.tasks).status == 200
    assert used.get() != long_ago


def test_there_is_a_cap(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_tokens, "MAX_TOKENS", 2)
    make_token(alice.user)
    make_token(alice.user, expires_at=timezone.now() - timedelta(seconds=1))
    assert alice.post(TOKENS, DRAFT).status == 201

    assert alice.post(TOKENS, DRAFT).is_problem(409, "quota_exceeded")
    assert PersonalToken.objects.filter(user_id=alice.id).count() == 3


def test_those_that_have_expired_make_room_for_new_ones(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_tokens, "MAX_TOKENS", 2)
    over = timezone.now() - timedelta(seconds=1)
    make_token(bob.user, expires_at=over)
    live = make_token(alice.user)
    for _ in range(5):
        make_token(alice.user, expires_at=over)

    made = alice.post(TOKENS, DRAFT).json["id"]

    listed = alice.get(TOKENS).json["data"]
    assert listed[0]["id"] == made
    # As many of each kind as there may be.
    assert len(listed) == 4
    assert bearer(live).get(alice.tasks).status == 200
    assert PersonalToken.objects.filter(user_id=bob.id).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_cap_holds_for_many_at_once(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_tokens, "MAX_TOKENS", 3)

    statuses = [answer.status for answer in in_parallel([lambda: alice.post(TOKENS, DRAFT)] * 8)]

    assert sorted(statuses) == [201] * 3 + [409] * 5


def test_sixty_may_be_made_in_a_minute(alice: Caller) -> None:
    answer = alice.post(TOKENS, DRAFT)

    told = [answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
    assert told == ["60", "59", "60"]


def test_they_are_not_made_without_bound(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.limits.NEW_TOKENS", Rate(1, 60))
    assert alice.post(TOKENS, DRAFT).status == 201

    assert alice.post(TOKENS, DRAFT).is_problem(429, "throttled")


def test_switching_an_account_off_ends_them_for_good(alice: Caller, admin: Caller) -> None:
    program = bearer(make_token(alice.user))

    roles.disable_user(alice.user, CLIENT)
    assert program.get(alice.tasks).is_problem(401, "token_invalid")

    roles.enable_user(alice.user, CLIENT)
    assert program.get(alice.tasks).is_problem(401, "token_invalid")


def test_one_of_an_account_that_is_off_opens_nothing(alice: Caller) -> None:
    program = bearer(make_token(alice.user))
    type(alice.user).objects.filter(id=alice.id).update(is_active=False)

    assert program.get(alice.tasks).is_problem(401, "token_invalid")


def test_they_go_with_the_account(alice: Caller) -> None:
    program = bearer(make_token(alice.user))

    alice.user.delete()

    assert program.get(alice.tasks).is_problem(401, "token_invalid")


def test_a_logout_everywhere_leaves_them(alice: Caller) -> None:
    program = bearer(make_token(alice.user))

    assert alice.post("/api/auth/logout-all").status == 200

    assert program.get(alice.tasks).status == 200


def test_none_is_made_in_a_session_that_ended_meanwhile(alice: Caller) -> None:
    session = Session.objects.get(user_id=alice.id)
    Session.objects.filter(user_id=alice.id).update(ended_at=timezone.now())
    draft: dict[str, Any] = {"name": "x", "scopes": [Scope.CHAT], "expires_at": None, "client": CLIENT}

    with pytest.raises(Exception, match="session has ended"):
        personal_tokens.create(alice.user, **draft, session_id=session.id)

    assert not PersonalToken.objects.filter(user_id=alice.id).exists()


def test_people_of_another_issuer_have_them_too(issuer: Issuer) -> None:
    person = bearer(issuer.token(sub="9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dSa"))
    program = bearer(person.post(TOKENS, DRAFT | {"scopes": ["tasks:read", "tasks:write"]}).json["token"])

    assert program.post("/api/tasks", {"title": "Buy milk"}).status == 201
    assert [task["title"] for task in person.get("/api/tasks").json["data"]] == ["Buy milk"]
    # Which is the issuer's to refuse from then on.
    assert person.post("/api/auth/logout-all").status == 200
    assert program.get("/api/tasks").status == 200


@pytest.mark.parametrize("owner", ["x", "x" * 128], ids=len)
def test_the_shortest_and_the_longest_id_have_them_too(make_user: Callable[..., User], owner: str) -> None:
    program = bearer(make_token(make_user("carol@example.com", id=owner)))

    assert program.post(f"/api/{owner}/tasks", {"title": "Buy milk"}).status == 201


def test_a_made_up_one_asks_nobody_and_costs_nobody(alice: Caller, settings: Settings) -> None:
    good = make_token(alice.user)
    flipped = good[:40] + ("A" if good[40] != "A" else "B") + good[41:]
    for text in (flipped, good[:-4], f"{good}AAAA", "todo_", f"todo_{'A' * 90}", f"todo_{'é' * 90}", f"{good}.x"):
        assert bearer(text).get(alice.tasks).is_problem(401, "token_invalid"), text

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-of-at-least-32-bytes-for-tests", []
    assert bearer(good).get(alice.tasks).is_problem(401, "token_invalid")


def test_an_older_key_still_tells_them(alice: Caller, settings: Settings) -> None:
    good = make_token(alice.user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-at-least-32-bytes-for-tests"

    assert bearer(good).get(alice.tasks).status == 200


def test_what_counts_is_the_hash_in_the_row(alice: Caller) -> None:
    program = bearer(make_token(alice.user))
    assert program.get("/api/tasks").status == 200

    PersonalToken.objects.filter(user_id=alice.id).update(token_hash="0" * 64)

    assert program.get("/api/tasks").is_problem(401, "token_invalid")


def test_that_one_was_used_is_noted_of_it_alone_and_where_it_is_a_minute_ago(alice: Caller) -> None:
    key = personal_tokens.read(make_token(alice.user))
    make_token(alice.user)
    rows = PersonalToken.objects.filter(user_id=alice.id)
    now = timezone.now()

    def noted(used_at: datetime | None) -> list[bool]:
        rows.update(last_used_at=used_at)
        personal_tokens.note_used(key)
        return [row.id == key.token_id for row in rows.filter(last_used_at__gte=now)]

    assert noted(None) == noted(now - timedelta(seconds=61)) == [True]
    assert noted(now - timedelta(seconds=50)) == []


def test_a_hundred_there_may_be(alice: Caller) -> None:
    rows = [PersonalToken(user_id=alice.id, name="x", created_at=timezone.now()) for _ in range(99)]
    PersonalToken.objects.bulk_create(rows)

    assert alice.post(TOKENS, DRAFT | {"scopes": ["chat"] * 20}).status == 201
    refused = alice.post(TOKENS, DRAFT)

    assert refused.is_problem(409, "quota_exceeded")
    assert "You have 100 tokens" in refused.json["detail"]


@pytest.mark.parametrize("end", ["off", "gone"])
def test_none_is_made_for_who_ended_meanwhile(alice: Caller, bob: Caller, end: str) -> None:
    draft: dict[str, Any] = {"name": "x", "scopes": [Scope.CHAT], "expires_at": None, "client": CLIENT}
    users = User.objects.filter(id=alice.id)
    if end == "off":
        users.update(is_active=False)
    else:
        users.delete()

    with pytest.raises(Unauthenticated) as refusal:
        personal_tokens.create(alice.user, **draft, session_id=None)

    assert refusal.value.code == "token_invalid"
    assert not PersonalToken.objects.filter(user_id=alice.id).exists()


def test_that_one_has_expired_is_told_to_who_has_it(alice: Caller) -> None:
    program = bearer(make_token(alice.user, expires_at=timezone.now() - timedelta(seconds=1)))
    assert program.get(alice.tasks).is_problem(401, "token_expired")

    PersonalToken.objects.filter(user_id=alice.id).update(token_hash="0" * 64)

    assert program.get(alice.tasks).is_problem(401, "token_invalid")
