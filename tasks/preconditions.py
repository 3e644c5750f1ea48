"""ETags of tasks, and the conditions that callers make with them (RFC 9110, sections 8.8.3 and 13).

A task's tag is its version: tags are compared within one URL only.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.edits import AllBut, Versions
from tasks.services import precondition_failed

ANY: Final = ["*"]
# Nine digits fit the column; a longer one is no version of ours.
VERSION_TAG: Final = re.compile(r'"([1-9][0-9]{0,8})"')


def etag(version: int) -> str:
    return f'"{version}"'


def accepted_versions(request: Request) -> Versions:
    """For a change: what both ``If-Match`` and ``If-None-Match`` admit; None: any version.

    A task that is there has a version, so ``If-None-Match: *`` admits none (RFC 9110, section 13.1.2).
    """
    matching = _matching_versions(request)
    sent = request.META.get("HTTP_IF_NONE_MATCH")
    if sent is None:
        return matching
    if parse_etags(sent) == ANY:
        return ()
    known = AllBut(_versions(tag.removeprefix("W/") for tag in parse_etags(sent)))
    return known if matching is None else set(matching) - known


def _matching_versions(request: Request) -> Collection[int] | None:
    """What ``If-Match`` admits; None: any version.

    Tags are compared strongly, so a weak one admits nothing. Nor does what is no tag: a condition
    that cannot be understood cannot be said to hold.
    """
    sent = request.META.get("HTTP_IF_MATCH")
    if sent is None:
        return None
    tags = parse_etags(sent)
    if tags == ANY:
        return None
    return _versions(tags)


def _versions(tags: Iterable[str]) -> set[int]:
    return {int(match[1]) for match in map(VERSION_TAG.fullmatch, tags) if match}


def check_version(request: Request, version: int) -> None:
    """For reading: raises ``PreconditionFailed`` if ``If-Match`` does not admit this version."""
    versions = _matching_versions(request)
    if versions is not None and version not in versions:
        raise precondition_failed()


def is_known(request: Request, version: int) -> bool:
    """Whether ``If-None-Match`` says that the caller has this version; compared weakly."""
    tags = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return tags == ANY or etag(version) in {tag.removeprefix("W/") for tag in tags}


def not_modified(version: int, length: int) -> Response:
    """``length`` is that of the body it spares: another one is not allowed (RFC 9110, section 8.6),
    and Django would write 0.
    """
    return Response(status=304, headers={"ETag": etag(version), "Content-Length": str(length)})
