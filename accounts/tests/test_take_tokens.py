"""Good tokens of issuers that are written in other ways than Better Auth writes them."""

import json
import time
from typing import Any

import pytest

from accounts.tests.conftest import SHARED_SECRET
from accounts.tokens import key_fetching
from testing.issuers import Issuer, Key, base64url, bearer, compact, hmac_signer

ME = "/api/auth/me"


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_times_may_have_a_fraction(issuer: Issuer, name: str) -> None:
    now = time.time()
    claims: dict[str, Any] = {name: {"exp": now + 900, "iat": now - 1, "nbf": now - 1}[name] + 0.25}
    shared = compact({"alg": "HS256"}, issuer.claims(sub="2", iss=..., **claims), hmac_signer(SHARED_SECRET))

    assert bearer(issuer.token(sub="1", **claims)).get(ME).json["id"] == "1"
    assert bearer(shared).get(ME).json["id"] == "2"


def test_a_fraction_counts_when_tokens_are_refused_until_now(issuer: Issuer) -> None:
    caller = bearer(issuer.token(sub="1", iat=time.time() - 0.001))

    assert caller.post("/api/auth/logout-all").status == 200

    assert caller.get(ME).is_problem(401, "token_invalid")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e300", "253402300800", "1e15"])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_what_is_no_instant_is_401(issuer: Issuer, name: str, number: str) -> None:
    payload = json.dumps(issuer.claims(**{name: "HERE"})).replace('"HERE"', number)
    token = compact({"alg": "EdDSA", "kid": "first"}, payload.encode(), issuer.key.sign)

    assert bearer(token).get(ME).is_problem(401, "token_invalid")


def test_without_an_id_each_of_a_few_keys_is_tried(issuer: Issuer) -> None:
    keys = [issuer.key, *(issuer.add_key("EdDSA", f"more-{number}") for number in range(3))]

    found = [bearer(issuer.token(key, header={"kid": ...}, sub=str(number))) for number, key in enumerate(keys)]

    assert [caller.get(ME).json["id"] for caller in found] == ["0", "1", "2", "3"]


def test_with_several_keys_a_forged_or_expired_token_is_what_it_was(issuer: Issuer) -> None:
    issuer.add_key("EdDSA", "second")
    stranger = Key("EdDSA", "stranger")
    now = int(time.time())

    assert bearer(issuer.token(stranger, header={"kid": ...})).get(ME).is_problem(401, "token_invalid")
    old = issuer.token(header={"kid": ...}, iat=now - 900, exp=now - 100)
    assert bearer(old).get(ME).is_problem(401, "token_expired")


def test_without_an_id_a_new_key_is_fetched(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_fetching, "FETCH_INTERVAL_SECONDS", 0.0)
    assert bearer(issuer.token(sub="1", header={"kid": ...})).get(ME).status == 200
    new = issuer.add_key("EdDSA", "second")

    assert bearer(issuer.token(new, header={"kid": ...}, sub="2")).get(ME).json["id"] == "2"


@pytest.mark.parametrize("listed", ["EdDSA", "Ed25519", None])
@pytest.mark.parametrize("named", ["EdDSA", "Ed25519"])
def test_ed25519_is_eddsa_with_that_curve(issuer: Issuer, listed: str | None, named: str) -> None:
    entry: dict[str, Any] = {**issuer.key.public, "alg": listed}
    issuer.keys[:] = [{name: value for name, value in entry.items() if value}]

    assert bearer(issuer.token(header={"alg": named}, sub="1")).get(ME).json["id"] == "1"
    assert bearer(issuer.token(header={"alg": named, "kid": ...}, sub="2")).get(ME).json["id"] == "2"


@pytest.mark.parametrize("named", ["Ed448", "ed25519", "EDDSA", "ES256"])
def test_and_nothing_else_is(issuer: Issuer, named: str) -> None:
    assert bearer(issuer.token(header={"alg": named})).get(ME).is_problem(401, "token_invalid")


@pytest.mark.parametrize("odd", [[], {}, 5, True, ["EdDSA"]])
def test_an_odd_algorithm_of_one_key_costs_no_other(issuer: Issuer, odd: Any) -> None:
    issuer.keys.insert(0, {"kty": "OKP", "crv": "Ed25519", "kid": "odd", "x": base64url(b"x" * 32), "alg": odd})

    assert bearer(issuer.token(sub="1")).get(ME).status == 200
