"""``Idempotency-Key`` on an endpoint: ``return answer_once(request, lambda: ...)``."""

import re
import uuid
from collections.abc import Callable
from typing import Final

import orjson
from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from core.deleted_owners import stored_for
from core.errors import Invalid
from core.idempotency import claims
from core.idempotency.claims import Call, KeptAnswer

KEY: Final = re.compile(r"[!-~]{1,255}")
# Of the answer's headers those that belong to what was made; others are each request's own.
KEPT_HEADERS: Final = ("ETag", "Location", "X-Undo")


def answer_once(request: Request, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Does the work in one transaction with its key, or gives the answer of the first time.

    Raises ``Invalid`` and ``Conflict`` as ``claims.claim`` does. Without a key the work is just
    done. What it raises undoes the claim too, and so does an answer that is no success.
    """
    call = read_call(request)
    if call is None:
        return work()
    with stored_for(call.user_id), transaction.atomic():
        claimed = claims.claim(call)
        if isinstance(claimed, KeptAnswer):
            return replayed(claimed)
        response = work()
        keep_answer(request, claimed, response)
        return response


def read_call(request: Request) -> Call | None:
    """None without an ``Idempotency-Key``. Raises ``Invalid`` for a bad one."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise Invalid("invalid", "Idempotency-Key must be 1 to 255 visible ASCII characters.", field="Idempotency-Key")
    return Call(str(request.user.pk), str(request.method), request.path_info, key, request.body)


def keep_answer(request: Request, claimed: uuid.UUID, response: HttpResponse) -> None:
    """In the transaction of what the answer tells of. Raises as ``claims.keep`` does."""
    if response.status_code >= 300:
        transaction.set_rollback(True)
        return
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    content = orjson.dumps(response.data) if isinstance(response, Response) else response.content
    answer = KeptAnswer(response.status_code, content, headers)
    claims.keep(str(request.user.pk), claimed, answer)


def replayed(answer: KeptAnswer) -> Response:
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Response(orjson.Fragment(answer.content), answer.status, headers=headers)
