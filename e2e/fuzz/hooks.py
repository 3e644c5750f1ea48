"""Who calls, and one more check: that answers carry no header that ``openapi.json`` does not tell of."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import time
from typing import Any

import schemathesis

SUBJECT = "fuzzer"
# They would end what the others call with.
ENDING = {"logout", "logout_all", "auth_me_destroy"}
COUNT = itertools.count()
# As long as the shortest text may be that has an end.
SHORT = 80
# Of HTTP, of browsers' rules and of the server: no word about one endpoint.
OF_ALL = {
    "allow",
    "access-control-allow-credentials", "access-control-allow-origin", "access-control-expose-headers", "connection",
    "content-length", "content-type", "cross-origin-opener-policy", "date", "referrer-policy", "server",
    "transfer-encoding", "vary", "x-accel-buffering", "x-content-type-options", "x-frame-options",
}  # fmt: skip


def signed(subject: str) -> str:
    """As Better Auth signs with its secret."""
    now = int(time.time())
    claims = {"sub": subject, "iat": now, "exp": now + 600, "email": f"{subject}@example.com", "name": subject}
    parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    text = ".".join(parts)
    return f"{text}.{_encoded(hmac.digest(os.environ['FUZZ_SECRET'].encode(), text.encode(), hashlib.sha256))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@schemathesis.hook  # type: ignore[untyped-decorator] # installed elsewhere
def filter_body(context: Any, body: Any) -> bool:
    """White space around a text does not count, which no ``maxLength`` can say; so none around long ones."""
    texts = [value for value in body.values() if isinstance(value, str)] if isinstance(body, dict) else []
    return all(len(text) <= SHORT or text == text.strip() for text in texts)


@schemathesis.auth(refresh_interval=None)
class Token:
    def get(self, case: Any, context: Any) -> str:
        operation = case.operation.definition.raw["operationId"]
        return signed(f"{SUBJECT}-{next(COUNT)}" if operation in ENDING else SUBJECT)

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.check  # type: ignore[untyped-decorator] # installed elsewhere
def no_undocumented_header(ctx: Any, response: Any, case: Any) -> None:
    responses = case.operation.definition.raw["responses"]
    told = responses.get(str(response.status_code))
    if told is None:
        return
    if "$ref" in told:
        told = case.operation.schema.raw_schema["components"]["responses"][told["$ref"].rpartition("/")[2]]
    known = {name.lower() for name in told.get("headers", {})} | OF_ALL
    unknown = sorted(name for name in response.headers if name.lower() not in known)
    assert not unknown, f"Undocumented headers: {', '.join(unknown)}"


# What no schema can say, by the field at fault and the code; "*": of any field.
RULES = {
    ("*", "null_characters_not_allowed"), ("*", "surrogate_characters_not_allowed"), ("*", "blank"),
    # Two names of one thing.
    ("*", "contradiction"), ("*", "duplicate_id"),
    # What the service has given, or been told before.
    ("Idempotency-Key", "idempotency_key_reused"), ("cursor", "invalid_cursor"), ("token", "token_invalid"),
    ("undo", "undo_invalid"),
    ("password", "wrong_password"), ("current_password", "wrong_password"), ("id", "task_not_found"),
    ("password", "weak_password"), ("new_password", "weak_password"), ("email", "invalid_email"),
    # In the future; not beside a cursor; in the list of zones; words without white space and null characters.
    ("expires_at", "invalid"), ("skip", "invalid"), ("timezone", "invalid"), ("tags", "invalid"), ("tag", "invalid"),
    ("search", "invalid"), ("address", "invalid_address"),
    # The last must be a person's, with words, or answer what was asked.
    ("messages", "invalid"),
}  # fmt: skip


# What is asked by a protocol of its own, whose rules no schema here repeats.
PROTOCOLS = {"mcp", "chatkit", "chatkit_own"}
# A bulk says of a contradiction that it is of no type, and leaves the rest of the operation as it was sent.
RULES_OF_BULKS = {("completed", "invalid"), ("due_at", "invalid"), ("priority", "null")}


def _is_of_a_rule(field: str, code: str) -> bool:
    rules = RULES | (RULES_OF_BULKS if field.startswith("operations.") else set())
    return bool({(field.rpartition(".")[2], code), ("*", code)} & rules)


@schemathesis.check  # type: ignore[untyped-decorator] # installed elsewhere
def refused_by_a_rule(ctx: Any, response: Any, case: Any) -> None:
    """What the schema allows is refused only by a rule that is none of a schema's."""
    if response.status_code not in (400, 422) or not case.meta or case.meta.generation.mode.value != "positive":
        return
    if case.operation.definition.raw["operationId"] in PROTOCOLS:
        return
    problem = response.json()
    errors = problem["errors"] or [{"field": "", "code": problem["code"]}]
    unknown = [error for error in errors if not _is_of_a_rule(error["field"], error["code"])]
    assert not unknown, f"Refused although the schema allows it: {unknown}"
