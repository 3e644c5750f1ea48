"""Which keys of an issuer's document are used, and for what."""

import json

import pytest

from accounts.tokens import key_parsing
from testing.issuers import Issuer, Key


def test_a_private_or_weak_key_is_not_used_as_such(issuer: Issuer) -> None:
    weak = {"kty": "RSA", "kid": "weak", "alg": "RS256", "n": "A" * 171, "e": "AQAB"}

    with pytest.raises(ValueError, match="no usable key"):
        key_parsing.read_keys(json.dumps({"keys": [weak, {**weak, "n": "v" * 3000}]}))


@pytest.mark.parametrize("kid", [5, True, ["first"], {"first": 1}])
def test_a_key_whose_name_is_no_text_is_not_used(kid: object) -> None:
    good = Key("ES256", "good").public

    assert [key.kid for key in key_parsing.read_keys(json.dumps({"keys": [{**good, "kid": kid}, good]}))] == ["good"]


@pytest.mark.parametrize(
    ("algorithm", "names"), [("EdDSA", ["EdDSA", "Ed25519"]), ("ES256", ["ES256"]), ("ES512", ["ES512"])]
)
def test_a_key_without_an_algorithm_is_of_the_ones_its_curve_is_for(algorithm: str, names: list[str]) -> None:
    public = {name: value for name, value in Key(algorithm, "first").public.items() if name != "alg"}

    assert [key.algorithm for key in key_parsing.read_keys(json.dumps({"keys": [public]}))] == names


@pytest.mark.parametrize(
    ("path", "asked"), [("", "/"), ("/jwks", "/jwks"), ("/jwks?tenant=1&v=2", "/jwks?tenant=1&v=2")]
)
def test_the_address_is_asked_for_as_it_is_set(issuer: Issuer, path: str, asked: str) -> None:
    key_parsing.fetch(f"{issuer.origin}{path}")

    assert issuer.paths == [asked]


@pytest.mark.parametrize(
    ("operations", "is_used"),
    [(["verify"], True), (["sign", "verify"], True), ([], False), (["sign"], False), ("verify", False), (7, False)],
)
def test_a_key_is_used_where_its_operations_are_a_list_with_verify(operations: object, is_used: bool) -> None:
    good = Key("ES256", "good").public

    keys = key_parsing.read_keys(json.dumps({"keys": [{**good, "kid": "other", "key_ops": operations}, good]}))

    assert ("other" in [key.kid for key in keys]) is is_used
