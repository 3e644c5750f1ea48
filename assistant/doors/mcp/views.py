from typing import Any, ClassVar, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.authentication import caller, presented
from accounts.middleware import report
from accounts.models import Scope
from accounts.permissions import TokenScopes
from assistant.doors.mcp import versions
from assistant.doors.mcp.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    Document,
    Message,
    RpcError,
    read_id,
    read_message,
)
from assistant.doors.mcp.methods import Asked, scopes_of
from assistant.doors.mcp.origins import check_origin
from core.errors import Malformed
from core.rest.json import StrictJSONParser, read_json
from core.rest.openapi.declaring import component, constant, either, operation, record
from core.rest.openapi.refusals import of as problem_of
from core.rest.views import PublicView

METADATA: Final = "/.well-known/oauth-protected-resource/mcp"
MAX_MESSAGES: Final = 50
DESCRIPTION: Final = """\
The Model Context Protocol, 2026-07-28 and the revisions before it, without sessions: one JSON-RPC message a request
(in 2025-03-26 up to 50), answered as JSON. The tools are the assistant's. A deletion comes back as a `pending_action`,
which the tool `confirm_action` runs once the person has agreed. Each message counts as a call of the API.
"""
TEXT: Final = {"type": "string"}
TEXTS: Final = {"type": "array", "items": TEXT}
ID: Final = {"type": ["string", "integer"]}
ASKED: Final = component(
    "RpcMessage",
    record(
        description="A request of JSON-RPC 2.0; without `id` a notification, which is 202.",
        jsonrpc=constant("2.0"),
        method=TEXT,
        optional={"id": ID, "params": {"type": "object"}},
    ),
)
ANSWERED: Final = component(
    "RpcAnswer",
    record(
        description="Its answer, with `result` or `error`.",
        jsonrpc=constant("2.0"),
        id={"type": ["string", "integer", "null"]},
        optional={
            "result": {"type": "object"},
            "error": record(code={"type": "integer"}, message=TEXT, optional={"data": {"type": "object"}}),
        },
    ),
)
BATCH: Final = {"type": "array", "items": ASKED, "minItems": 1, "maxItems": MAX_MESSAGES}
RESOURCE: Final = component(
    "ProtectedResource",
    record(
        resource=TEXT,
        authorization_servers=TEXTS,
        scopes_supported=TEXTS,
        bearer_methods_supported=TEXTS,
        resource_name=TEXT,
        resource_documentation=TEXT,
    ),
)
HEADERS: Final = [
    OpenApiParameter("MCP-Protocol-Version", OpenApiTypes.STR, "header", description="Without it, 2025-03-26."),
    OpenApiParameter("Mcp-Method", OpenApiTypes.STR, "header", description="Since 2026-07-28: the message's method."),
    OpenApiParameter("Mcp-Name", OpenApiTypes.STR, "header", description="Since 2026-07-28: the tool's name."),
]


class RpcParser(StrictJSONParser):
    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return read_json(stream)
        except Malformed as error:
            raise RpcError(PARSE_ERROR, error.message) from error


class McpView(APIView):
    """The caller's own tasks, as a server of the Model Context Protocol."""

    # Which of them depends on what is asked for.
    token_scopes: ClassVar[TokenScopes] = {"POST": frozenset()}
    parser_classes = (RpcParser,)

    @operation(
        "Send a message of the Model Context Protocol",
        tags=["mcp"],
        operation_id="mcp",
        description=DESCRIPTION,
        parameters=HEADERS,
        request={"application/json": either(ASKED, BATCH)},
        responses={
            (200, "application/json"): either(ANSWERED, {"type": "array", "items": ANSWERED}),
            202: None,
            (400, "application/json"): ANSWERED,
            (400, "application/problem+json"): problem_of(400, ("bad_request", "body_incomplete")),
            (404, "application/json"): ANSWERED,
        },
        refuses={403: ("forbidden", "insufficient_scope")},
        example={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    )
    def post(self, request: Request) -> Response:
        check_origin(request)
        try:
            body = request.data
            if isinstance(body, list):
                return self._answer_all(request, body)
        except RpcError as error:
            return Response(error.represent(None), 400)
        return self._answer_one(request, body)

    def _answer_one(self, request: Request, body: Any) -> Response:
        try:
            message, is_modern = _read(request, body)
        except RpcError as error:
            return Response(error.represent(read_id(body.get("id")) if isinstance(body, dict) else None), 400)
        if message.id is None:
            # Nothing that may be told us so is of use to a server without sessions.
            return Response(status=202)
        answer = self._answer(request, message, is_modern=is_modern)
        return Response(answer, _status(answer) if is_modern else 200)

    def _answer_all(self, request: Request, bodies: list[Any]) -> Response:
        if request.headers.get("MCP-Protocol-Version", versions.UNNAMED) != versions.UNNAMED:
            raise RpcError(INVALID_REQUEST, "This revision of the protocol has one message a request.")
        if not 0 < len(bodies) <= MAX_MESSAGES:
            raise RpcError(INVALID_REQUEST, f"A batch has 1 to {MAX_MESSAGES} messages.")
        messages = [message for body in bodies if (message := read_message(body)).id is not None]
        if len(bodies) > 1:
            # The request itself has been counted as one.
            report(request, limits.count_call(presented(request).user_id, len(bodies) - 1))
        if any(message.method == "initialize" for message in messages):
            raise RpcError(INVALID_REQUEST, "`initialize` is not part of a batch.")
        self._require(request, messages)
        answers = [self._answer(request, message, is_modern=False) for message in messages]
        return Response(answers) if answers else Response(status=202)

    def _answer(self, request: Request, message: Message, *, is_modern: bool) -> Document:
        try:
            self._require(request, [message])
            return Asked(caller(request), presented(request).scopes, is_modern=is_modern).answer(message)
        except RpcError as error:
            return error.represent(message.id)

    def _require(self, request: Request, messages: list[Message]) -> None:
        """Raises ``InsufficientScope`` before anything was done, ``RpcError`` for a call that says nothing."""
        presented(request).require({scope for message in messages for scope in scopes_of(message)})

    def handle_exception(self, exc: Exception) -> Response:
        answer = super().handle_exception(exc)
        if "WWW-Authenticate" in answer:
            # RFC 9728, section 5.1.
            where = self.request.build_absolute_uri(METADATA)
            joint = "," if " " in answer["WWW-Authenticate"] else ""
            answer["WWW-Authenticate"] += f'{joint} resource_metadata="{where}"'
        return answer


class ResourceView(PublicView):
    @operation(
        "Read what protects the MCP endpoint",
        tags=["mcp"],
        operation_id="mcp_resource",
        description="As RFC 9728 has it. Who asks for an authorization server is told this service, whose tokens are "
        "personal ones.",
        responses={(200, "application/json"): RESOURCE},
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "resource": request.build_absolute_uri("/mcp"),
                "authorization_servers": [request.build_absolute_uri("/").rstrip("/")],
                "scopes_supported": [Scope.TASKS_READ.value, Scope.TASKS_WRITE.value],
                "bearer_methods_supported": ["header"],
                "resource_name": "Todo",
                "resource_documentation": request.build_absolute_uri("/docs"),
            }
        )


class RootResourceView(ResourceView):
    """The same at the root, where some clients look alone."""

    schema = None


def _read(request: Request, body: Any) -> tuple[Message, bool]:
    """The message, and whether it is in the revision without ``initialize``. Raises ``RpcError``."""
    message = read_message(body)
    is_modern = versions.is_modern(request.headers, message)
    if is_modern and message.id is not None:
        versions.check_modern(request.headers, message)
    return message, is_modern


def _status(answer: Document) -> int:
    """As the protocol says for its errors (2026-07-28, "Streamable HTTP")."""
    code = answer.get("error", {}).get("code")
    return {METHOD_NOT_FOUND: 404, INVALID_PARAMS: 400}.get(code, 200)
