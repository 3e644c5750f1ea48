"""Who has come in and stays: what they came in by, and whether it would let them in still."""

import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db.models import Q
from django.utils import timezone

from accounts.models import PersonalToken, RefusedToken, Session, TokenCutoff, User
from accounts.personal_tokens import PersonalKey
from accounts.tokens import opaque, own
from accounts.tokens.identity import OutsideIdentity
from core.errors import Unavailable
from core.ids import EPOCH

# What was presented: the id of the caller's session here, a personal token, or the identity another issuer vouches for.
Credentials = uuid.UUID | PersonalKey | OutsideIdentity

# Of one statement.
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Lasting:
    user_id: str
    credentials: Credentials
    # Unix time; None where the token's row says it.
    expires_at: float | None
    # The text of a token that says nothing by itself.
    opaque: str = ""

    def has_expired(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def lasting(user_id: str, credentials: Credentials, text: str) -> Lasting:
    """``text``: of the token that they were read from."""
    match credentials:
        case OutsideIdentity():
            kept = text if opaque.is_opaque(text) else ""
            return Lasting(user_id, credentials, credentials.expires_at.timestamp(), kept)
        case PersonalKey():
            return Lasting(user_id, credentials, None)
    # Whoever fills its memory meanwhile can have it forgotten.
    token = own.remembered(text) or own.read_access(text)
    return Lasting(user_id, credentials, token.expires_at)


def find_ended(callers: Iterable[Lasting]) -> set[Lasting]:
    """Those who would not be let in any more, by a few statements for all. Raises ``DatabaseError``."""
    found: set[Lasting] = set()
    left = iter(set(callers))
    while batch := list(islice(left, BATCH)):
        found.update(_ended(batch))
    return found


def _ended(callers: Collection[Lasting]) -> Iterator[Lasting]:
    now = time.time()
    kinds = {uuid.UUID: _sessions, PersonalKey: _keys, OutsideIdentity: _identities}
    for kind, find_living in kinds.items():
        of_kind = {caller for caller in callers if isinstance(caller.credentials, kind)}
        if of_kind:
            yield from of_kind - find_living(of_kind)
    yield from (caller for caller in callers if caller.has_expired(now))


def _sessions(callers: Collection[Lasting]) -> set[Lasting]:
    live = Session.objects.filter(
        user_id__in={caller.user_id for caller in callers}, id__in=[caller.credentials for caller in callers],
        ended_at=None, expires_at__gt=timezone.now(), user__is_active=True,
    )  # fmt: skip
    found = set(live.values_list("user_id", "id"))
    return {caller for caller in callers if (caller.user_id, caller.credentials) in found}


def _keys(callers: Collection[Lasting]) -> set[Lasting]:
    keys = {caller: caller.credentials for caller in callers if isinstance(caller.credentials, PersonalKey)}
    live = PersonalToken.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
        user_id__in={key.user_id for key in keys.values()},
        id__in=[key.token_id for key in keys.values()],
        user__is_active=True,
    )
    found = set(live.values_list("user_id", "id", "token_hash"))
    return {caller for caller, key in keys.items() if (key.user_id, key.token_id, key.token_hash) in found}


def _identities(callers: Collection[Lasting]) -> set[Lasting]:
    said = {caller: caller.credentials for caller in callers if isinstance(caller.credentials, OutsideIdentity)}
    subjects = {identity.subject for identity in said.values()}
    hashes = {identity.token_hash for identity in said.values()}
    issuers = dict(User.objects.filter(id__in=subjects, is_active=True).values_list("id", "issuer"))
    cutoffs = dict(TokenCutoff.objects.filter(subject__in=subjects).values_list("subject", "issued_until"))
    refused = RefusedToken.objects.filter(subject__in=subjects, token_hash__in=hashes)
    gone = set(refused.values_list("subject", "token_hash"))
    living = _living_opaque(said)

    def is_live(caller: Lasting, identity: OutsideIdentity) -> bool:
        cutoff = cutoffs.get(identity.subject)
        return (
            issuers.get(identity.subject) == identity.issuer
            and (cutoff is None or cutoff < (identity.issued_at or EPOCH))
            and (identity.subject, identity.token_hash) not in gone
            and (not caller.opaque or caller.opaque in living)
        )

    return {caller for caller, identity in said.items() if is_live(caller, identity)}


def _living_opaque(callers: Iterable[Lasting]) -> set[str]:
    """While Better Auth's database is away nothing is known of any; they are asked about again."""
    texts = [caller.opaque for caller in callers if caller.opaque]
    try:
        return opaque.living(texts)
    except Unavailable:
        return set(texts)
