"""Which keys of an issuer's document are used, and for what."""

import json
from functools import cache
from typing import Any

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


@pytest.mark.parametrize(("characters", "is_used"), [(340, False), (342, True), (1367, True), (1368, False)])
def test_an_rsa_key_has_2048_to_8192_bits(characters: int, is_used: bool) -> None:
    key = {"kty": "RSA", "kid": "first", "alg": "RS256", "e": "AQAB", "n": "v" * characters}
    other = Key("ES256", "good").public

    kids = [key.kid for key in key_parsing.read_keys(json.dumps({"keys": [key, other]}))]

    assert kids == (["first", "good"] if is_used else ["good"])


@cache
def good(algorithm: str) -> dict[str, Any]:
    return Key(algorithm, "first").public


@pytest.mark.parametrize(
    ("algorithm", "changes", "expected"),
    [
        ("ES256", {}, ["ES256"]),
        ("EdDSA", {}, ["EdDSA", "Ed25519"]),
        ("RS256", {}, ["RS256"]),
        ("RS256", {"alg": "PS256"}, ["PS256"]),
        ("RS256", {"alg": None}, ["RS256", "PS256"]),
        ("RS256", {"alg": ""}, ["RS256", "PS256"]),
        ("ES256", {"alg": "ES512"}, []),
        ("ES256", {"alg": "ES512", "crv": "P-521"}, []),
        ("ES256", {"crv": "P-384"}, []),
        ("ES256", {"kty": "OKP"}, []),
        ("ES256", {"kty": "oct", "k": "c2VjcmV0"}, []),
        ("EdDSA", {"crv": "X25519"}, []),
        ("EdDSA", {"kty": "EC"}, []),
        ("EdDSA", {"x": 5}, []),
        ("EdDSA", {"x": "x"}, []),
        ("ES256", {"use": "sig"}, ["ES256"]),
        ("ES256", {"use": None}, ["ES256"]),
        ("ES256", {"use": "enc"}, []),
        ("ES256", {"key_ops": None}, ["ES256"]),
        ("ES256", {"kid": None}, ["ES256"]),
        ("ES256", {"kid": 5}, []),
    ],
    ids=str,
)
def test_a_key_is_read_for_what_it_fits(algorithm: str, changes: dict[str, Any], expected: list[str]) -> None:
    entry = {**good(algorithm), **changes}
    other = Key("ES512", "other").public

    found = key_parsing.read_keys(json.dumps({"keys": [entry, other]}))

    assert [key.algorithm for key in found] == [*expected, "ES512"]
    assert {key.kid for key in found[:-1]} <= {entry["kid"]}
    assert all(key.jwk.algorithm_name == key.algorithm for key in found)


@pytest.mark.parametrize("keys", ["null", "{}", '"x"', "5", "[5]", "[{}]", "[[]]"])
def test_a_list_without_a_usable_key_is_none_at_all(keys: str) -> None:
    with pytest.raises(ValueError, match="no usable key"):
        key_parsing.read_keys(f'{{"keys": {keys}}}')


@pytest.mark.parametrize("document", ["[]", "5", "null", "{}", "", "[" * 100_000])
def test_what_is_no_key_set_is_none(document: str) -> None:
    with pytest.raises(ValueError, match=r"no usable key|nested too deeply|Expecting value"):
        key_parsing.read_keys(document)


def test_an_empty_list_withdraws_all() -> None:
    assert key_parsing.read_keys('{"keys": []}') == ()
