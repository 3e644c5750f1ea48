"""Tokens that somebody other than their issuer made, or that are none: 401, never 500."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts.models import User
from accounts.sessions import ending
from accounts.tests.conftest import SHARED_SECRET
from accounts.tokens import jws
from core.errors import Unauthenticated
from testing.callers import Answer, Caller, open_session
from testing.issuers import Issuer, Key, base64url, bearer, compact, hmac_signer

OURS = "todo-backend"
MakeToken = Callable[[Issuer, User], str]


def hs256(issuer: Issuer, secret: str | bytes, header: dict[str, Any] | None = None, **claims: Any) -> str:
    return compact({"alg": "HS256", **(header or {})}, issuer.claims(**claims), hmac_signer(secret))


def own(issuer: Issuer, user: User, secret: str, **changes: Any) -> str:
    """What an access token of this service holds."""
    claims: dict[str, Any] = {
        "iss": OURS,
        "aud": ...,
        "sub": user.id,
        "user_id": user.id,
        # A live one: what is refused is not refused for this.
        "sid": str(ending.live_sessions(user.id)[0].id),
        "token_type": "access",
        "jti": "j",
    }
    return hs256(issuer, secret, **(claims | changes))


def public_key(issuer: Issuer, encoding: Encoding, form: PublicFormat) -> bytes:
    return bytes(issuer.key.private.public_key().public_bytes(encoding, form))


def foreign_key(issuer: Issuer, **header: Any) -> str:
    """Signed by a stranger, who asks us to take the key from where he put it."""
    return issuer.token(Key("EdDSA", "strange"), header)


def enclosed_key(issuer: Issuer, **header: Any) -> str:
    """The stranger's token brings the key that it is signed with."""
    key = Key("EdDSA", "strange")
    return issuer.token(key, {"jwk": key.public, **header})


def listed(issuer: Issuer, key: Key, *, token_algorithm: str | None = None, **members: Any) -> str:
    """Signed with a key that the issuer lists with these members."""
    entry = {name: value for name, value in (key.public | members).items() if value is not ...}
    issuer.keys.append(entry)
    algorithm = token_algorithm or key.algorithm
    header = {"alg": algorithm, "kid": key.kid}
    return compact(header, issuer.claims(), lambda content: key.sign(content, algorithm))


def oct_key(issuer: Issuer, algorithm: str) -> str:
    """The issuer lists a symmetric key, which everybody can read."""
    secret = b"a symmetric key that everybody can read"
    issuer.keys.append({"kty": "oct", "k": base64url(secret), "kid": "oct", "alg": algorithm})
    return compact({"alg": algorithm, "kid": "oct"}, issuer.claims(), hmac_signer(secret))


def twice_listed(issuer: Issuer) -> str:
    token = listed(issuer, Key("EdDSA", "twin"))
    listed(issuer, Key("EdDSA", "twin"))
    return token


def one_of_five(issuer: Issuer) -> str:
    for number in range(4):
        issuer.add_key("EdDSA", f"more-{number}")
    return issuer.token(header={"kid": ...})


def alien(issuer: Issuer, header: Any = None, payload: Any = None) -> str:
    good = {"alg": "EdDSA", "kid": issuer.key.kid}
    return compact(header or good, issuer.claims() if payload is None else payload, issuer.key.sign)


def same_json(issuer: Issuer, encoding: str) -> bytes:
    return json.dumps(issuer.claims()).encode(encoding)


FORGED: dict[str, MakeToken] = {
    "none": lambda i, u: compact({"alg": "none"}, i.claims(), lambda _: b""),
    "none-with-signature": lambda i, u: compact({"alg": "none"}, i.claims(), lambda _: b"x"),
    "none-capitals": lambda i, u: compact({"alg": "NONE", "kid": "first"}, i.claims(), lambda _: b"x"),
    "alg-missing": lambda i, u: i.token(header={"alg": ...}),
    "alg-list": lambda i, u: i.token(header={"alg": ["EdDSA"]}),
    "alg-unlisted": lambda i, u: i.token(header={"alg": "ES384"}),
    "hs384-with-the-shared-secret": lambda i, u: compact(
        {"alg": "HS384"}, i.claims(), hmac_signer(SHARED_SECRET, "sha384")
    ),
    "wrong-secret": lambda i, u: hs256(i, "another secret of at least 32 bytes"),
    "empty-secret": lambda i, u: hs256(i, ""),
    "our-secret-for-an-outside-token": lambda i, u: hs256(i, django_settings.SECRET_KEY),
    "own-with-the-shared-secret": lambda i, u: own(i, u, SHARED_SECRET),
    "own-id-with-the-shared-secret": lambda i, u: own(i, u, SHARED_SECRET, iss=i.origin),
    "own-id-with-the-shared-secret-and-no-issuer": lambda i, u: own(i, u, SHARED_SECRET, iss=...),
    "own-id-with-the-shared-secret-and-an-empty-issuer": lambda i, u: own(i, u, SHARED_SECRET, iss=""),
    "own-id-from-the-key-set": lambda i, u: i.token(sub=u.id),
    "own-issuer-from-the-key-set": lambda i, u: i.token(sub=u.id, iss=OURS),
    "own-of-two-users": lambda i, u: own(i, u, django_settings.SECRET_KEY, user_id="2"),
    "own-refresh-token": lambda i, u: open_session(u).refresh,
    "own-refresh-token-for-the-shared-secret": lambda i, u: own(i, u, SHARED_SECRET, iss=..., token_type="refresh"),
    # The public half as the secret of an HMAC (CVE-2016-5431 and its kin).
    "hmac-with-public-bytes": lambda i, u: hs256(i, public_key(i, Encoding.Raw, PublicFormat.Raw), {"kid": "first"}),
    "hmac-with-public-x": lambda i, u: hs256(i, i.key.public["x"], {"kid": "first"}),
    "hmac-with-public-pem": lambda i, u: hs256(
        i, public_key(i, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), {"kid": "first"}
    ),
    "hmac-with-public-jwk": lambda i, u: hs256(i, json.dumps(i.key.public), {"kid": "first"}),
    "hmac-with-listed-symmetric-key": lambda i, u: oct_key(i, "HS256"),
    "asymmetric-name-for-symmetric-key": lambda i, u: oct_key(i, "EdDSA").replace("HS256", "EdDSA"),
    "payload-perhaps-not-in-base64": lambda i, u: i.token(header={"b64": True}),
    # Keys that are not for this.
    "algorithm-of-another-key": lambda i, u: i.token(Key("ES256", "first")),
    "listed-for-another-algorithm": lambda i, u: listed(i, Key("RS256", "rsa"), token_algorithm="PS256"),
    "listed-for-encryption": lambda i, u: listed(i, Key("ES256", "ec"), use="enc"),
    "listed-for-signing-only": lambda i, u: listed(i, Key("ES256", "ec"), key_ops=["sign"]),
    "listed-under-an-odd-id": lambda i, u: listed(i, Key("ES256", "ec"), kid=["ec"]),
    "listed-with-another-curve": lambda i, u: listed(i, Key("ES512", "ec"), crv="P-256"),
    "listed-twice": lambda i, u: twice_listed(i),
    "no-kid-and-five-keys": lambda i, u: one_of_five(i),
    # The token says where its key is.
    "unknown-kid": lambda i, u: foreign_key(i),
    "known-kid": lambda i, u: foreign_key(i, kid="first"),
    "kid-as-path": lambda i, u: foreign_key(i, kid="../../../../dev/null"),
    "kid-as-address": lambda i, u: foreign_key(i, kid="http://169.254.169.254/keys"),
    "kid-as-sql": lambda i, u: foreign_key(i, kid="' UNION SELECT 'x'--"),
    "kid-with-nul": lambda i, u: foreign_key(i, kid="\0"),
    "kid-with-lone-surrogate": lambda i, u: foreign_key(i, kid="\ud800"),
    "kid-of-5000-characters": lambda i, u: foreign_key(i, kid="k" * 5000),
    "jwk": lambda i, u: enclosed_key(i),
    "jwk-under-a-known-kid": lambda i, u: enclosed_key(i, kid="first"),
    "jku": lambda i, u: foreign_key(i, jku="http://127.0.0.1:1/jwks", kid="first"),
    "x5u": lambda i, u: foreign_key(i, x5u="http://127.0.0.1:1/cert", kid="first"),
    "x5c": lambda i, u: foreign_key(i, x5c=["MIIB"], kid="first"),
    # No such form.
    "header-array": lambda i, u: alien(i, header=b"[]"),
    "header-nested-deeply": lambda i, u: alien(i, header=b'{"alg":' + b"[" * 2500 + b"]" * 2500 + b"}"),
    "header-with-alg-twice": lambda i, u: alien(i, header=b'{"alg":"none","alg":"EdDSA","kid":"first"}'),
    "payload-array": lambda i, u: alien(i, payload=b"[1]"),
    "payload-array-hmac": lambda i, u: alien(i, header={"alg": "HS256"}, payload=b"[1]"),
    "payload-text": lambda i, u: alien(i, payload=b'"1"'),
    "payload-null": lambda i, u: alien(i, payload=b"null"),
    "payload-number-of-5000-digits": lambda i, u: alien(i, payload=b'{"exp":' + b"9" * 5000 + b"}"),
    "payload-nested-deeply": lambda i, u: alien(i, payload=b'{"sub":' + b"[" * 2500 + b"]" * 2500 + b"}"),
    "payload-no-utf-8": lambda i, u: alien(i, payload=same_json(i, "utf-8").replace(b'"1"', b'"1", "name": "\xff"')),
    "payload-utf-16": lambda i, u: alien(i, payload=same_json(i, "utf-16-le")),
    "payload-with-what-is-no-number": lambda i, u: alien(i, payload=b'{"note": NaN, ' + same_json(i, "utf-8")[1:]),
    "payload-with-sub-twice": lambda i, u: alien(i, payload=b'{"sub": "2", ' + same_json(i, "utf-8")[1:]),
    "padding": lambda i, u: i.token() + "==",
    "over-8-kB": lambda i, u: i.token(note="x" * 6200),
    "garbage-of-9-kB": lambda i, u: "x" * 9000,
    "nine-thousand-dots": lambda i, u: "." * 9000,
    "four-parts": lambda i, u: i.token() + ".x",
    "two-parts": lambda i, u: i.token().rpartition(".")[0],
    "cut-short": lambda i, u: i.token()[:-4],
    "nothing": lambda i, u: "",
    "other-script": lambda i, u: "\u00e9.\u00e9.\u00e9",
}


@pytest.mark.parametrize("fault", FORGED)
def test_a_token_of_this_kind_is_refused(issuer: Issuer, alice: Caller, fault: str) -> None:
    answer = bearer(FORGED[fault](issuer, alice.user)).get("/api/auth/me")

    assert answer.is_problem(401, "token_invalid"), answer
    assert list(User.objects.values_list("id", flat=True)) == [alice.id]


def test_the_same_tokens_without_a_fault_are_accepted(issuer: Issuer, alice: Caller) -> None:
    def caller_id(token: str) -> str:
        answer = bearer(token).get("/api/auth/me")
        assert answer.status == 200
        return str(answer.json["id"])

    assert caller_id(own(issuer, alice.user, django_settings.SECRET_KEY)) == alice.id
    assert caller_id(open_session(alice.user).access) == alice.id
    assert caller_id(issuer.token(header={"kid": ...}, sub="a")) == "a"
    assert caller_id(hs256(issuer, SHARED_SECRET, sub="b")) == "b"
    assert caller_id(alien(issuer, payload=same_json(issuer, "utf-8"))) == "1"
    assert caller_id(issuer.token(note="x" * 5600)) == "1"


@pytest.mark.parametrize(
    ("algorithm", "members"),
    [
        ("RS256", {}),
        ("PS256", {}),
        ("ES512", {}),
        ("ES256", {"use": "sig", "key_ops": ["verify"]}),
        ("RS256", {"alg": ...}),
    ],
)
def test_a_key_listed_for_this_is_accepted(issuer: Issuer, algorithm: str, members: dict[str, Any]) -> None:
    assert bearer(listed(issuer, Key(algorithm, "second"), **members)).get("/api/auth/me").status == 200


def test_an_earlier_key_of_ours_counts_while_it_is_set(issuer: Issuer, alice: Caller, settings: Settings) -> None:
    earlier = "an earlier key of at least 32 bytes"

    def me(**changes: Any) -> Answer:
        return bearer(own(issuer, alice.user, earlier, **changes)).get("/api/auth/me")

    assert me().is_problem(401, "token_invalid")
    settings.SECRET_KEY_FALLBACKS = ["another key of at least 32 bytes long", earlier]

    assert me().json["id"] == alice.id
    assert me(iss="https://elsewhere.example.com").is_problem(401, "token_invalid")


def test_the_same_sub_of_another_issuer_is_refused(issuer: Issuer) -> None:
    assert bearer(issuer.token(sub="auth0|1")).get("/api/auth/me").status == 200

    answer = bearer(hs256(issuer, SHARED_SECRET, sub="auth0|1", iss="https://b.example.com")).get("/api/auth/me")

    assert answer.is_problem(401, "token_invalid")
    assert User.objects.get().issuer == issuer.origin
    # Equal strings are one issuer, whichever key proves it.
    assert bearer(hs256(issuer, SHARED_SECRET, sub="auth0|1")).get("/api/auth/me").status == 200
    assert bearer(hs256(issuer, SHARED_SECRET, sub="auth0|1", iss=...)).get("/api/auth/me").status == 200


def test_a_source_that_is_not_configured_accepts_nothing(issuer: Issuer, settings: Settings) -> None:
    settings.JWKS_URL = settings.BETTER_AUTH_SECRET = None

    secrets = (SHARED_SECRET, "", "None", django_settings.SECRET_KEY)
    for token in (issuer.token(), *(hs256(issuer, secret) for secret in secrets)):
        assert bearer(token).get("/api/auth/me").is_problem(401, "token_invalid")
    assert issuer.fetches == 0


def test_a_token_is_read_up_to_8192_characters(issuer: Issuer) -> None:
    longest = issuer.token().ljust(8192, "A")

    assert jws.parse(longest).payload["sub"] == "1"
    with pytest.raises(Unauthenticated):
        jws.parse(f"{longest}A")


def test_a_forged_signature_part_does_not_change_what_a_refusal_remembers(issuer: Issuer) -> None:
    token = issuer.token()
    other = f"{token.rpartition('.')[0]}.{base64.urlsafe_b64encode(b'other').decode().rstrip('=')}"

    assert jws.parse(token).signed_hash == jws.parse(other).signed_hash != jws.parse(issuer.token(sub="2")).signed_hash
