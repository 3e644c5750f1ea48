"""What the domain may complain about. Knows nothing of the rooms above, so every layer may use it."""

from collections.abc import Iterable, Mapping
from typing import Final

# Every ``code`` an answer may carry, with the sentence shown where nothing more exact is known.
SENTENCES: Final[Mapping[str, str]] = {
    "bad_request": "The request is not valid HTTP for this service.",
    "body_incomplete": "The body broke off before its end.",
    "request_timeout": "The request took too long to arrive.",
    "uri_too_long": "The address is longer than 16 KB.",
    "headers_too_large": "The headers are too many or too large.",
    "malformed_json": "The body is not valid JSON.",
    "malformed_encoding": "The body is not valid UTF-8.",
    "nesting_too_deep": "The body is nested too deeply.",
    "invalid_email": "Enter a valid email address.",
    "weak_password": "Choose another password.",
    "not_authenticated": "Sign in to do this.",
    "token_invalid": "The token is not valid.",
    "token_expired": "The token has expired.",
    "session_ended": "The session has ended; log in again.",
    "session_not_found": "There is no such session.",
    "token_not_found": "There is no such token.",
    "answer_too_large": "The answer is too large to be kept, so nothing was changed; ask for less at once.",
    "quota_exceeded": "There are as many as there may be; delete some.",
    "last_admin": "There must be an admin left.",
    "own_account": "Nobody does this to their own account.",
    "outside_account": "This account signs in elsewhere, so it has no password here.",
    "wrong_password": "The password is wrong.",
    "user_not_found": "There is no such user.",
    "invalid_credentials": "The email or the password is wrong.",
    "forbidden": "You may not do this.",
    "insufficient_scope": "The token does not have the scopes that this needs.",
    "not_found": "There is nothing here.",
    "task_not_found": "There is no such task.",
    "conversation_not_found": "There is no such conversation.",
    "action_not_found": "Nothing of that id is waiting for a yes.",
    "changes_expired": "The changes since then are not all known any more; read the list again.",
    "changed_since": "Something of that has changed since, so nothing was taken back.",
    "undo_invalid": "This is nothing that can be taken back: that goes for 15 minutes after a change of your own.",
    "precondition_failed": "The task is not at a version that this may be done to; read it again.",
    "idempotency_key_reused": "This Idempotency-Key came with another body before.",
    "idempotency_in_progress": "The first request with this Idempotency-Key is still running.",
    "method_not_allowed": "This method is not allowed here.",
    "not_acceptable": "This service answers in application/json, and in text/event-stream where it says so.",
    "email_taken": "This email is already registered.",
    "body_too_large": "The body is larger than 1 MB.",
    "unsupported_encoding": "Send the body without Content-Encoding.",
    "unsupported_media_type": "Send the body as application/json.",
    "invalid": "Some of the input is not valid.",
    "not_an_object": "The body must be a JSON object.",
    "invalid_cursor": "The cursor is not one of this list.",
    "throttled": "Too many attempts; try again later.",
    "too_many_requests": "Too many requests; try again later.",
    "too_many_streams": "There are as many streams of events open as one user may have; close some.",
    "streams_full": "The service has as many streams of events open as it can; try again shortly.",
    "account_guarded": "Too many failed logins to this account; try again later.",
    "tokens_spent": "The assistant's tokens of today are spent; they are renewed at midnight UTC.",
    "model_failed": "The assistant's model cannot answer this; nothing was changed.",
    "model_unavailable": "The assistant's model is away; nothing was changed, try again shortly.",
    "chat_busy": "The assistant is talking to as many people as it can; try again shortly.",
    "server_error": "Something went wrong on our side.",
    "issuer_unavailable": "The sign-in service cannot be reached; try again shortly.",
    "read_only": "The service can be read only at the moment; try again later.",
    "not_migrated": "The service is being updated; try again shortly.",
    "unavailable": "The service is too busy or its database is away; try again shortly.",
}


class DomainError(Exception):
    """A rule was broken. ``code`` is a stable word; the message, its sentence unless another is given, may be
    shown to anyone.

    Raise a subclass that says which kind it is; ``core.rest.problems`` gives each kind its HTTP status.
    ``field`` names the input at fault, where one is; ``faults`` several things, each with what is wrong with it.
    """

    def __init__(
        self, code: str, message: str = "", *, field: str | None = None, faults: Mapping[str, str] | None = None
    ) -> None:
        self.code = code
        self.message = message or SENTENCES[code]
        super().__init__(self.message)
        self.field = field
        self.faults = {field: self.message} if field else (faults or {})


class Malformed(DomainError):
    """The input cannot be accepted as it is (signup answers 400 to a bad email or password)."""


class Invalid(DomainError):
    """A value is well-formed but not the right one."""


class Unauthenticated(DomainError):
    """Nobody is, or can be, identified by what was presented."""


class InsufficientScope(DomainError):
    """Somebody is identified by a token that was not made for this; ``scopes`` are those that it takes."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self.scopes = " ".join(sorted(scopes))
        told = f"The token does not have the scopes that this needs: {self.scopes}." if self.scopes else ""
        super().__init__("insufficient_scope", told or "Personal tokens do not open this.")


class NotFound(DomainError):
    """No such thing among the caller's own."""


class Conflict(DomainError):
    """The request is fine, the present state forbids it."""


class Gone(DomainError):
    """What was asked for was there once, and is no longer told."""


class PreconditionFailed(DomainError):
    """What the caller made a condition of the change does not hold."""


class TooManyRequests(DomainError):
    """A limit is reached; nothing is left until ``retry_after_seconds`` are over."""

    def __init__(self, code: str, *, limit: int, retry_after_seconds: int) -> None:
        super().__init__(code)
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class BadGateway(DomainError):
    """Somebody we depend on gave an answer that cannot be used; asking again will not help."""


class Unavailable(DomainError):
    """What is needed to decide is away for the moment."""


def token_invalid() -> Unauthenticated:
    """One wording for every fault: what exactly is wrong is nobody's business but the issuer's."""
    return Unauthenticated("token_invalid")
