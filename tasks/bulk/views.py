from collections.abc import Sequence
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.middleware import report
from accounts.permissions import TASKS, IsPathOwner
from core.idempotency.endpoints import answer_once
from core.rest import problems
from core.rest.openapi.declaring import operation
from core.rest.views import validated
from tasks import openapi
from tasks.bulk.openapi import BulkResponseSerializer, BulkSerializer
from tasks.bulk.operations import CREATE, NothingDone, Operation, Outcome, run
from tasks.bulk.serializers import EnvelopeSerializer, read_operation
from tasks.journal.tokens import headers_of, make_token
from tasks.representation import represent


class BulkView(APIView):
    """Many changes to the tasks of the user in the path, who must be the caller."""

    permission_classes = (IsAuthenticated, IsPathOwner)
    token_scopes = TASKS

    @operation(
        "Create, change and delete many tasks at once",
        tags=["tasks"],
        operation_id="tasks_bulk",
        description=(
            "With `atomic`, the default, all or nothing: `422` lists every cause. Without it each is on its own, "
            "and what cannot be done has its `problem` among the results."
        ),
        parameters=openapi.CREATE,
        request=BulkSerializer,
        responses={200: BulkResponseSerializer},
        refuses=openapi.CREATED,
        headers=openapi.OF_BULK,
        examples=openapi.BULK,
    )
    def post(self, request: Request, user_id: str) -> HttpResponse:
        return answer_once(request, lambda: self._run(request, user_id))

    def _run(self, request: Request, user_id: str) -> Response:
        body = validated(EnvelopeSerializer, request)
        # The request itself has been counted as one.
        report(request, limits.count_call(user_id, max(0, len(body["operations"]) - 1)))
        operations = [read_operation(sent) for sent in body["operations"]]
        try:
            outcomes, span = run(user_id, operations, is_atomic=body["atomic"])
        except NothingDone as refused:
            raise ValidationError(_causes(refused.outcomes)) from refused
        results = [_result(operation, outcome) for operation, outcome in zip(operations, outcomes, strict=True)]
        return Response({"results": results}, headers=headers_of(make_token(user_id, span)))


def _result(operation: Operation, outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case None:
            return {"status": 204}
        case Exception():
            # As the handler answers a single one.
            problem = problems.handle(outcome, {})
            if problem is None:
                raise outcome
            return {"status": problem.status_code, "problem": orjson.Fragment(problem.content)}
    return {"status": 201 if operation.op == CREATE else 200, "task": represent(outcome)}


def _causes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        f"operations.{position}": outcome.detail
        if isinstance(outcome, ValidationError)
        else {"id": [ErrorDetail(str(outcome), code=getattr(outcome, "code", "invalid"))]}
        for position, outcome in enumerate(outcomes)
        if isinstance(outcome, Exception)
    }
