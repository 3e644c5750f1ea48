"""What a call that came to nothing raises."""

from __future__ import annotations

import json
from typing import cast

import httpx2

from .schema import FieldError, Problem, ProblemCode


class AnswerError(Exception):
    """An answer that is no success. Of the service itself it is a ``ProblemError``; a proxy may say anything."""

    def __init__(self, message: str, response: httpx2.Response) -> None:
        super().__init__(message)
        self.response = response
        self.status = response.status_code


class ProblemError(AnswerError):
    """What the service refuses with; ``str()`` of it may be shown to a person, ``code`` is what to decide by."""

    def __init__(self, problem: Problem, response: httpx2.Response) -> None:
        super().__init__(problem["detail"], response)
        self.problem = problem
        self.code: ProblemCode = problem["code"]
        self.errors: list[FieldError] = problem["errors"]


class BrokenStream(Exception):
    """A turn's events ended before their end."""


def error_of(response: httpx2.Response) -> AnswerError:
    """Of one whose body was read."""
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    if isinstance(body, dict) and {"code", "detail", "status", "errors"} <= body.keys():
        return ProblemError(cast("Problem", body), response)
    return AnswerError(f"The answer was {response.status_code}, and no problem document.", response)
