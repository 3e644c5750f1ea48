"""Password hashes from elsewhere open the door once, and are then made anew."""

import base64
import hashlib
import hmac
from typing import Any, Final
from unittest.mock import patch

import bcrypt
import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, PBKDF2PasswordHasher, identify_hasher

from accounts.models import User
from accounts.old_hashes.forms import stored_form
from accounts.old_hashes.verifiers import OldBCrypt, PlainPBKDF2SHA256
from testing.callers import Answer, Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roomy_auth_limit")]

EMAIL: Final = "carol@example.com"
PASSWORD: Final = "correct horse battery"
LONG: Final = "correct horse battery " * 4
SALT: Final = bcrypt.gensalt(4).decode()
BYTES: Final = bytes(range(240, 256))


def plain_bcrypt(version: str, password: str = PASSWORD) -> str:
    return bcrypt.hashpw(password.encode()[:72], SALT.encode()).decode().replace("$2b$", f"${version}$", 1)


def passlib_bcrypt(version: int) -> str:
    """As passlib 1.7.4's ``bcrypt_sha256`` does it."""
    secret, salt = PASSWORD.encode(), SALT[7:]
    digest = hmac.digest(salt.encode(), secret, "sha256") if version == 2 else hashlib.sha256(secret).digest()
    hashed = bcrypt.hashpw(base64.b64encode(digest), SALT.encode()).decode()
    kept = f"{hashed[7:29]}${hashed[29:]}"
    return f"$bcrypt-sha256$v=2,t=2b,r=4${kept}" if version == 2 else f"$bcrypt-sha256$2b,4${kept}"


def passlib_pbkdf2(digest: str, name: str) -> str:
    """In passlib's base64, with dots and without padding."""
    found = hashlib.pbkdf2_hmac(digest, PASSWORD.encode(), BYTES, 1000)
    salt, hashed = (base64.b64encode(part).decode().rstrip("=").replace("+", ".") for part in (BYTES, found))
    return f"${name}$1000${salt}${hashed}"


def werkzeug(digest: str) -> str:
    found = hashlib.pbkdf2_hmac(digest, PASSWORD.encode(), b"xY9saltsaltsalt0", 1000)
    return f"pbkdf2:{digest}:1000$xY9saltsaltsalt0${found.hex()}"


def better_auth() -> str:
    salt = BYTES.hex()
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt.encode(), n=16384, r=16, p=1, dklen=64, maxmem=2**26)
    return f"{salt}:{key.hex()}"


def encode_by_django() -> str:
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    return "bcrypt_sha256$" + bcrypt.hashpw(digest.encode(), SALT.encode()).decode()


HASHES: Final = {
    "2a": plain_bcrypt("2a"),
    "2b": plain_bcrypt("2b"),
    "2y": plain_bcrypt("2y"),
    "passlib's bcrypt_sha256, 1": passlib_bcrypt(1),
    "passlib's bcrypt_sha256, 2": passlib_bcrypt(2),
    "passlib's PBKDF2, SHA-1": passlib_pbkdf2("sha1", "pbkdf2"),
    "passlib's PBKDF2, SHA-256": passlib_pbkdf2("sha256", "pbkdf2-sha256"),
    "passlib's PBKDF2, SHA-512": passlib_pbkdf2("sha512", "pbkdf2-sha512"),
    "Werkzeug's, SHA-256": werkzeug("sha256"),
    "Werkzeug's, SHA-512": werkzeug("sha512"),
    "Better Auth's scrypt": better_auth(),
    "Django's PBKDF2": PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsaltsalt", 1000),
    "Django's bcrypt_sha256": encode_by_django(),
}
# Of "password", as passlib 1.7.4 itself made them.
PASSLIBS: Final = (
    "$pbkdf2-sha256$29000$XqvVGoMwppRyrpVyLmUs5Q$ZakIpBjIGoeNcNZpNNJm1/kM/1tw3VZbnaMgHtNcUnI",
    "$pbkdf2-sha512$25000$.z.HcI4xxniv9Z4T4lyLMQ"
    "$bM7ry1dVX3obvfvZHQFZiZtnI3ISPCOWcYrC9aB8um3s6Mdc0KLv9TEFdEbc5GljP0B6rjYidLW6tOt.jQxwaQ",
    "$pbkdf2$1000$mVMKQYhxDmGM0ZoTgvD.nw$XwZm9jAS.Wj4wPv0rVnUWHzQgmM",
    "$bcrypt-sha256$v=2,t=2b,r=4$a2C9ajWJCa0trX/dzzjeVu$rgEh5gL2hzHbN2KoHZ1cxnm.mMfrI4q",
    "$bcrypt-sha256$2b,4$RUwYcNVX8KMwEXWRHwM3ge$Rh0kuGPNnvvYO0fzbx9YhogMP/eXo3O",
    "$2y$04$u5lQzaI/VDat86P23UNT7.n.kduOchHreH6jQePVUAHU.ZpIBNjA6",
    "pbkdf2_sha256$1000$YF16eeKL9WcX$7X7LdLuzXWecbaKJAxYWLXwjuEM/+ie17WzqvU9rl2g=",
)
# As Better Auth 1.7.7 itself made them, with the password of each: it normalizes before it hashes.
BETTER_AUTHS: Final = {
    "password": "217391b4d681f5a809f07b82a6df3ac3:"
    "02148074b15c1e57e7be71bfcbabaaa229669c327e7925a8e5a10c4fb2832ff72f2dbcce5a897c2233b6ae4866c604203ca8"
    "9a428e2401a5ba36c3e3a70434fa",
    "pa\u00df\u212bword \ufb01": "d59075896db99a60014e2571652cfadc:"
    "416d482d8594997f7d80bd942cfbe0108b1dca0c93aa4ea5ee6e3e646265c760ed288e72d45d5cb641f196c479c1a6316dfe"
    "1721d28baa6a9a141f2402a2e0d3",
}


def log_in(password: str = PASSWORD) -> Answer:
    return Caller().post("/api/auth/login", {"email": EMAIL, "password": password})


def keep(make_user: Any, text: str) -> None:
    make_user(EMAIL)
    stored = stored_form(text)
    assert stored is not None
    User.objects.filter(email=EMAIL).update(password=stored)


@pytest.mark.parametrize("kind", HASHES)
def test_it_opens_for_its_password_alone_and_is_made_anew(make_user: Any, kind: str) -> None:
    keep(make_user, HASHES[kind])
    before = User.objects.get(email=EMAIL).password

    assert log_in(f"{PASSWORD}!").is_problem(401, "invalid_credentials")
    assert User.objects.get(email=EMAIL).password == before
    assert log_in().status == 200
    after = User.objects.get(email=EMAIL).password
    assert after.startswith("bcrypt_sha256$$2b$")
    assert log_in().status == 200
    assert User.objects.get(email=EMAIL).password == after


@pytest.mark.parametrize("text", PASSLIBS)
def test_hashes_that_passlib_made_are_understood(text: str) -> None:
    stored = stored_form(text)

    assert stored is not None
    hasher = identify_hasher(stored)
    assert hasher.verify("password", stored)
    assert not hasher.verify("Password", stored)


@pytest.mark.parametrize("password", BETTER_AUTHS)
def test_hashes_that_better_auth_made_are_understood(make_user: Any, password: str) -> None:
    keep(make_user, BETTER_AUTHS[password])

    assert log_in(f"{password}?").status == 401
    assert log_in(password).status == 200
    assert log_in(password).status == 200


@pytest.mark.parametrize("iterations", ["1", "5000000"])
def test_as_many_iterations_as_a_login_may_take_are_kept(iterations: str) -> None:
    assert stored_form(f"$pbkdf2-sha256${iterations}$c2FsdA$aGFzaA") == f"plain_sha256${iterations}$c2FsdA$aGFzaA"


@pytest.mark.parametrize(("rounds", "is_kept"), [(3, False), (4, True), (10, True), (15, True), (16, False)])
def test_bcrypt_of_any_rounds_that_a_login_may_take_is_kept(rounds: int, is_kept: bool) -> None:
    plain = plain_bcrypt("2b").replace("$04$", f"${rounds:02}$", 1)
    django = encode_by_django().replace("$04$", f"${rounds:02}$", 1)
    passlibs = [
        passlib_bcrypt(1).replace("2b,4$", f"2b,{rounds}$"),
        passlib_bcrypt(2).replace("r=4$", f"r={rounds}$"),
    ]
    hashed = [text[-54:].replace("$", "") for text in passlibs]

    assert [stored_form(text) for text in (plain, django, *passlibs)] == (
        [
            f"bcrypt${plain}",
            django,
            f"passlib_bcrypt$1$$2b${rounds:02}${hashed[0]}",
            f"passlib_bcrypt$2$$2b${rounds:02}${hashed[1]}",
        ]
        if is_kept
        else [None] * 4
    )


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("pbkdf2:sha1:1000$salt$ff", "plain_sha1$1000$c2FsdA$/w"),
        ("pbkdf2:sha256:5000000$salt$ff", "plain_sha256$5000000$c2FsdA$/w"),
        # So many where Werkzeug writes none.
        ("pbkdf2:sha256$salt$ff", "plain_sha256$150000$c2FsdA$/w"),
        ("pbkdf2:sha512:1$salt$ff", "pl_sha512$1$c2FsdA$/w"),
        ("$pbkdf2$1$c2FsdA$a.8", "plain_sha1$1$c2FsdA$a+8"),
        ("pbkdf2_sha256$5000000$salt$aGFzaA==", "pbkdf2_sha256$5000000$salt$aGFzaA=="),
        ("pbkdf2_sha1$5000001$salt$aGFzaA==", None),
        ("pbkdf2_sha1$1$salt$aGFzaA==", "pbkdf2_sha1$1$salt$aGFzaA=="),
        ("$pbkdf2-sha256$0$c2FsdA$aGFzaA", None),
        # As long as the column is, and longer.
        (f"$pbkdf2-sha256$1${'a' * 52}${'b' * 60}", f"plain_sha256$1${'a' * 52}${'b' * 60}"),
        (f"$pbkdf2-sha256$1${'a' * 54}${'b' * 59}", None),
    ],
)
def test_it_is_kept_in_our_words(text: str, stored: str | None) -> None:
    assert stored_form(text) == stored


@pytest.mark.parametrize(("iterations", "more"), [(1, 1), (199_999, 1), (200_000, 0)])
def test_what_is_quick_to_compare_takes_a_hash_of_ours_besides(iterations: int, more: int) -> None:
    with patch.object(bcrypt, "hashpw", wraps=bcrypt.hashpw) as hashed:
        PlainPBKDF2SHA256().top_up(f"plain_sha256${iterations}$c2FsdA$aGFzaA")

    assert hashed.call_count == more


@pytest.mark.parametrize(("rounds", "more"), [(4, 7), (6, 1), (7, 0), (9, 0)])
def test_bcrypt_of_fewer_rounds_is_topped_up_to_ours(monkeypatch: pytest.MonkeyPatch, rounds: int, more: int) -> None:
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 7)

    with patch.object(bcrypt, "hashpw", return_value=b"") as hashed:
        OldBCrypt().top_up(f"bcrypt$$2b${rounds:02}${'a' * 53}")

    assert hashed.call_count == more


def test_bcrypt_of_more_than_it_reads_is_of_its_beginning(make_user: Any) -> None:
    keep(make_user, plain_bcrypt("2b", LONG))

    assert log_in(LONG).status == 200
    # Of all of it, from now on.
    assert log_in(LONG[:72]).status == 401


@pytest.mark.parametrize("kind", HASHES)
def test_a_wrong_password_takes_one_hash_of_ours_whoever_it_is(
    make_user: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Else the time would tell that there is such an account."""
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 5)
    keep(make_user, HASHES[kind])
    spent: list[int] = []
    hash_it = bcrypt.hashpw

    def noted(secret: bytes, salt: bytes) -> bytes:
        spent.append(2 ** int(salt[4:6]))
        return hash_it(secret, salt)

    monkeypatch.setattr(bcrypt, "hashpw", noted)

    assert log_in("a wrong one").status == 401
    known = sum(spent)
    spent.clear()
    assert Caller().post("/api/auth/login", {"email": "no@example.com", "password": "a wrong one"}).status == 401
    assert known == sum(spent) == 2**5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "$2b$12$short",
        "$2b$31$" + "a" * 53,
        "$2b$00$" + "." * 53,
        # A salt whose last character holds more bits than it may.
        "$2b$12$" + "a" * 53,
        "$bcrypt-sha256$v=2,t=2b,r=12$" + "a" * 22 + "$" + "a" * 31,
        "$pbkdf2-sha256$29000$aaaaa$aGFzaA",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
        "$pbkdf2-sha256$99999999$c2FsdA$aGFzaA",
        "$pbkdf2-sha256$5000001$c2FsdA$aGFzaA",
        "$pbkdf2-sha256$" + "9" * 5000 + "$c2FsdA$aGFzaA",
        # As many again, behind digits that are not looked at.
        "$pbkdf2-sha256$0000000019999999$c2FsdA$aGFzaA",
        "pbkdf2:sha256:5000001$salt$ff",
        "$pbkdf2-sha512$25000$" + "a" * 60 + "$" + "b" * 86,
        "pbkdf2:sha256:1000$salt$abc",
        "pbkdf2_sha256$0$salt$aGFzaA==",
        "scrypt:32768:8:1$salt$ff",
        "a" * 32 + ":" + "b" * 127,
        "A" * 32 + ":" + "b" * 128,
        ":",
        "!unusable",
    ],
)
def test_what_is_no_known_hash_is_none(text: str) -> None:
    assert stored_form(text) is None
