from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.tokens import key_fetching
from testing.issuers import Issuer

SHARED_SECRET = "shared-secret-of-better-auth-with-enough-bytes"


@pytest.fixture
def issuer(db: None, settings: Settings) -> Iterator[Issuer]:
    """All three sources are on, as with ``JWKS_URL``, ``BETTER_AUTH_URL`` and ``BETTER_AUTH_SECRET`` alone."""
    issuer = Issuer()
    settings.JWKS_URL = issuer.jwks_url
    settings.BETTER_AUTH_ORIGIN = settings.JWT_ISSUER = settings.JWT_AUDIENCE = issuer.origin
    settings.BETTER_AUTH_SECRET = SHARED_SECRET
    settings.SHARED_ISSUER = settings.SHARED_AUDIENCE = None
    key_fetching.forget()
    yield issuer
    issuer.stop()
    key_fetching.forget()
