"""What the domain may complain about. Imports nothing, so every layer may use it."""


class DomainError(Exception):
    """A rule was broken. The message may be shown to anyone; ``code`` is a stable word.

    Raise a subclass that says which kind it is; ``problems.py`` gives each kind its HTTP status.
    ``field`` names the input at fault, where one is.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Malformed(DomainError):
    """The input cannot be accepted as it is (signup answers 400 to a bad email or password)."""


class Invalid(DomainError):
    """A value is well-formed but not the right one."""


class Unauthenticated(DomainError):
    """Nobody is, or can be, identified by what was presented."""


class NotFound(DomainError):
    """No such thing among the caller's own."""


class Conflict(DomainError):
    """The request is fine, the present state forbids it."""


class PreconditionFailed(DomainError):
    """What the caller made a condition of the change does not hold."""


class TooManyRequests(DomainError):
    """A limit is reached; nothing is left until ``retry_after_seconds`` are over."""

    def __init__(self, code: str, message: str, *, limit: int, retry_after_seconds: int) -> None:
        super().__init__(code, message)
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class BadGateway(DomainError):
    """Somebody we depend on gave an answer that cannot be used; asking again will not help."""


class Unavailable(DomainError):
    """What is needed to decide is away for the moment."""


def token_invalid() -> Unauthenticated:
    """One wording for every fault: what exactly is wrong is nobody's business but the issuer's."""
    return Unauthenticated("token_invalid", "The token is not valid.")
