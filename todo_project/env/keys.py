"""Who may sign tokens: the service's own key, and the outside issuers it trusts."""

import json
import secrets
import tempfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from todo_project.env import reader as parse
from todo_project.env.reader import EnvError, Reader

MIN_SECRET_BYTES: Final = 32


def read_secret_key(reader: Reader, environment: str, base_dir: Path) -> str:
    found = reader.read(parse.secret(MIN_SECRET_BYTES), "SECRET_KEY", "JWT_SECRET")
    if found:
        return found
    if environment == "production":
        raise EnvError(f"SECRET_KEY is required in production: at least {MIN_SECRET_BYTES} bytes.")
    return _development_secret(base_dir / ".dev-secret")


def read_fallbacks(reader: Reader) -> tuple[str, ...]:
    """Keys whose tokens still count; they sign nothing."""
    return reader.read(_secrets, "SECRET_KEY_FALLBACKS") or ()


def _secrets(value: str) -> tuple[str, ...]:
    listed = value if value.startswith("[") else json.dumps([part for part in map(str.strip, value.split(",")) if part])
    try:
        found = json.loads(listed)
    except ValueError:
        raise ValueError("must be a comma list or a JSON list") from None
    if not all(isinstance(one, str) for one in found):
        raise ValueError("must be a list of strings")
    return tuple(map(parse.secret(MIN_SECRET_BYTES), found))


def _development_secret(path: Path) -> str:
    """Made once and kept; of two first starts one wins and both use its secret."""
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return parse.secret(MIN_SECRET_BYTES)(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise EnvError(f"SECRET_KEY is not set and {path} cannot be used ({error.strerror}).") from None
    except ValueError:
        raise EnvError(f"SECRET_KEY is not set and {path} holds no secret; delete that file.") from None


def _write_once(path: Path, text: str) -> None:
    """A link puts the file in place whole, and never over another."""
    # Readable by its owner alone.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.") as draft:
        draft.write(text)
        draft.flush()
        with suppress(FileExistsError):
            path.hardlink_to(draft.name)


def read_issuers(reader: Reader, environment: str, own_keys: Collection[str]) -> dict[str, Any]:
    better_auth_secret = reader.read(parse.secret(MIN_SECRET_BYTES), "BETTER_AUTH_SECRET")
    if better_auth_secret in own_keys:
        raise EnvError("BETTER_AUTH_SECRET must not equal SECRET_KEY.")
    better_auth_url = reader.read(parse.url("http", "https"), "BETTER_AUTH_URL")
    origin = parse.origin(better_auth_url) if better_auth_url else None
    jwks_url = reader.read(parse.url("http", "https"), "JWKS_URL")
    issuer = reader.read(parse.text, "JWT_ISSUER")
    audience = reader.read(parse.text, "JWT_AUDIENCE")
    if jwks_url:
        _check_jwks(environment, jwks_url, JWT_ISSUER=issuer or origin, JWT_AUDIENCE=audience or origin)
    return {
        "better_auth_secret": better_auth_secret,
        "better_auth_url": better_auth_url,
        "better_auth_origin": origin,
        "jwks_url": jwks_url,
        "jwt_issuer": issuer or (origin if jwks_url else None),
        "jwt_audience": audience or (origin if jwks_url else None),
        "shared_issuer": issuer,
        "shared_audience": audience,
    }


def _check_jwks(environment: str, url: str, **claims: str | None) -> None:
    parts = parse.split_url(url)
    if environment == "production" and parts.scheme != "https" and parts.hostname not in parse.LOOPBACK:
        raise EnvError("JWKS_URL must be https in production.")
    for name, value in claims.items():
        if not value:
            raise EnvError(f"{name} (or BETTER_AUTH_URL) is required with JWKS_URL.")
