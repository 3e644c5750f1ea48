from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.tokens import key_fetching, key_parsing
from testing.issuers import Issuer

SHARED_SECRET = "shared-secret-of-better-auth-with-enough-bytes"


@pytest.fixture
def issuer(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """All three sources are on, as with ``JWKS_URL``, ``BETTER_AUTH_URL`` and ``BETTER_AUTH_SECRET`` alone."""
    # As long as a busy machine may take.
    for module in (key_parsing, key_fetching):
        monkeypatch.setattr(module, "FETCH_SECONDS", 20.0)
    issuer = Issuer()
    settings.JWKS_URL = issuer.jwks_url
    settings.BETTER_AUTH_ORIGIN = settings.JWT_ISSUER = settings.JWT_AUDIENCE = issuer.origin
    settings.BETTER_AUTH_SECRET = SHARED_SECRET
    settings.SHARED_ISSUER = settings.SHARED_AUDIENCE = None
    key_fetching.forget()
    yield issuer
    issuer.stop()
    key_fetching.forget()
