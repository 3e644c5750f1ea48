from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

# Python 3.13 has taken over RFC 9110's new phrases.
TITLES: Final[Mapping[int, str]] = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def title_of(status: int) -> str:
    """A status's name, the same with every Python."""
    return TITLES.get(status) or HTTPStatus(status).phrase
