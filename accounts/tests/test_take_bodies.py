"""What each body may leave out or leave blank, and that a password is taken as it is."""

from typing import Any, Final

import pytest
from rest_framework.serializers import Serializer

from accounts import serializers as of_accounts
from accounts.recovery import serializers as of_recovery

BLANK, REFUSED, MISSING = "", object(), object()
# By serializer and field: what comes of no text, of null, of nothing at all and of blanks around a letter.
TEXT: Final = (BLANK, REFUSED, REFUSED, "x")
PASSWORD: Final = (BLANK, REFUSED, REFUSED, " x ")
FIELDS: dict[type[Serializer[Any]], dict[str, tuple[object, object, object, object]]] = {
    of_accounts.LoginSerializer: {
        "email": TEXT,
        "password": PASSWORD,
        "refresh_token": (BLANK, None, MISSING, "x"),
    },
    of_accounts.SignupSerializer: {"email": TEXT, "password": PASSWORD, "name": (BLANK, BLANK, BLANK, "x")},
    of_accounts.RefreshSerializer: {"refresh_token": (REFUSED, REFUSED, REFUSED, "x")},
    of_accounts.LogoutSerializer: {"refresh_token": (REFUSED, REFUSED, MISSING, "x")},
    of_accounts.PasswordSerializer: {"current_password": PASSWORD, "new_password": PASSWORD},
    of_accounts.DeletionSerializer: {"password": (BLANK, REFUSED, MISSING, " x ")},
    of_accounts.UserSerializer: {"name": (BLANK, REFUSED, REFUSED, "x")},
    of_recovery.ForgotSerializer: {"email": TEXT},
    of_recovery.PasswordResetSerializer: {"token": TEXT, "password": PASSWORD},
    of_recovery.NewEmailSerializer: {"email": TEXT, "password": PASSWORD},
    of_recovery.EmailTokenSerializer: {"token": TEXT},
}


def taken(serializer: type[Serializer[Any]], field: str, *value: object) -> object:
    others = {name: "other" for name in FIELDS[serializer] if name != field}
    read = serializer(data=others | ({field: value[0]} if value else {}))
    if read.is_valid():
        return read.validated_data.get(field, MISSING)
    assert set(read.errors) == {field}
    return REFUSED


def test_each_field_takes_what_it_takes() -> None:
    found = {
        serializer: {
            field: (
                taken(serializer, field, ""),
                taken(serializer, field, None),
                taken(serializer, field),
                taken(serializer, field, " x "),
            )
            for field in fields
        }
        for serializer, fields in FIELDS.items()
    }

    assert found == FIELDS


@pytest.mark.parametrize(("count", "is_taken"), [(0, False), (1, True), (20, True), (21, False)])
def test_a_token_has_one_to_twenty_scopes_as_they_are_sent(count: int, is_taken: bool) -> None:
    draft = {"name": "x", "scopes": ["chat"] * count}

    assert of_accounts.TokenDraftSerializer(data=draft).is_valid() is is_taken


@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [
        ({}, True),
        ({"expires_at": None}, True),
        ({"expires_at": "2999-01-01T00:00:00Z"}, True),
        ({"expires_at": ""}, False),
        ({"expires_at": "2020-01-01T00:00:00Z"}, False),
    ],
)
def test_a_token_may_have_an_end(sent: dict[str, object], is_taken: bool) -> None:
    read = of_accounts.TokenDraftSerializer(data={"name": "x", "scopes": ["chat"], **sent})

    assert read.is_valid() is is_taken
    if is_taken:
        assert (read.validated_data["expires_at"] is None) is (not sent.get("expires_at"))


def test_an_instant_is_told_and_taken_only_as_the_end_of_a_token() -> None:
    instant = "2999-01-01T00:00:00Z"
    sent = {"name": "x", "scopes": ["chat"], "address": "x", "token_hash": "x"}
    told = {"created_at", "last_seen_at", "last_used_at", "expires_at"}
    found = {}
    for serializer in (
        of_accounts.UserSerializer,
        of_accounts.SessionSerializer,
        of_accounts.PersonalTokenSerializer,
        of_accounts.TokenDraftSerializer,
    ):
        read = serializer(data={**sent, **dict.fromkeys(told, instant)})
        assert read.is_valid(), read.errors
        found[serializer] = told & set(read.validated_data)

    assert [names for names in found.values() if names] == [{"expires_at"}]
    assert found[of_accounts.TokenDraftSerializer] == {"expires_at"}
