"""The headers of the task endpoints, for the OpenAPI document."""

from typing import Final

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    "header",
    description="The `ETag`s that the change may be made to; else `412`, and nothing changes.",
)
IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match", str, "header", description="The `ETag`s that the caller has; `304` if it still is one of them."
)
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "header",
    description=(
        "For 24 hours the same key, path and body give the same successful answer again and change nothing. "
        "With another body `422`; while the first still runs, longer than this waits for it, `409`."
    ),
)
UNLESS_MATCH: Final = OpenApiParameter(
    "If-None-Match",
    str,
    "header",
    description="The `ETag`s that the change must not be made to; `*`: any. Then `412`, and nothing changes.",
)
ETAG: Final = OpenApiParameter("ETag", str, "header", description="The task's version.", response=[200, 201, 304])
LOCATION: Final = OpenApiParameter("Location", str, "header", description="The task's path.", response=[201])
REPLAYED: Final = OpenApiParameter(
    "Idempotency-Replayed",
    {"type": "string", "const": "true"},
    "header",
    description="Only on an answer that was given before.",
    response=[200, 201],
)
READ: Final = [IF_NONE_MATCH, ETAG]
CHANGE: Final = [IF_MATCH, UNLESS_MATCH, ETAG]
DELETE: Final = [IF_MATCH, UNLESS_MATCH]
CREATE: Final = [IDEMPOTENCY_KEY, ETAG, LOCATION, REPLAYED]
BULK: Final = [IDEMPOTENCY_KEY, REPLAYED]
UNCHANGED: Final = OpenApiResponse(description="The caller has the present version already.")
