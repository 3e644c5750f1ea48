"""The todo backend from Python; README.md shows how."""

from .async_client import AsyncClient
from .calls import Filters, new_idempotency_key
from .client import Client
from .problems import AnswerError, BrokenStream, ProblemError
from .repeating import Patience
from .sessions import InMemory, Tokens, TokenStorage

__all__ = [
    "AnswerError", "AsyncClient", "BrokenStream", "Client", "Filters", "InMemory", "Patience", "ProblemError",
    "TokenStorage", "Tokens", "new_idempotency_key",
]  # fmt: skip
