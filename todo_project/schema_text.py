"""The prose of the OpenAPI document, and its names."""

from typing import Any, Final

DESCRIPTION: Final = """\
Each person's tasks, behind Bearer JWTs.

**Calling.** Sign up or log in, then send `Authorization: Bearer <access_token>`. The `user_id` of a path must
be your own id, exactly; another one is `403`, whether or not such a user exists. `/api/tasks`, `/api/chat` and
`/api/conversations`, and what lies below them, are the caller's own without an id.

**Personal tokens** (`POST /api/auth/tokens`) are Bearer tokens for programs, which open what their scopes say:
`tasks:read`, `tasks:write`, and `chat`, whose turns need all three. A scope that is missing is `403`
`insufficient_scope`; they never open `/api/auth/` or `/api/admin/`.

**Other spellings.** Clients of other todo backends are understood as they are: a prefix `/api/v1/`,
`/api/users/{user_id}/tasks`, `/api/auth/register` and `/api/auth/signin`, each also without `auth/`. In a task
`due_date` and `dueDate` are `due_at`, a date being its midnight UTC; `status` says whether it is `completed`;
`priority` comes in any case, `urgent` and `critical` are `high`, `none`, `normal` and null `medium`. Two spellings of
one thing with different values are `422`, unless one of them is what is stored. In a list's URL an empty filter or
`all` is none, `status_filter` is `status` and `tags` is `tag`; `sort_by` or `sort` with `order` or `sort_order` stand
for `ordering`, an unknown name being ignored; `offset` is `skip`.

**Bodies** are JSON objects in UTF-8 of at most 1 MB; an empty body counts as `{}`. Unknown fields are ignored,
wrong types are `422`. Every path is served with and without a trailing slash.

**Times** are RFC 3339 in UTC with microseconds: `2026-01-14T10:00:00.123456Z`.

**Errors** are problem documents (RFC 9457, `application/problem+json`): `detail` is a sentence to show,
`code` a stable word to test, `errors` lists the fields at fault. The schema `ProblemCode` lists every code, each
operation those that it can answer with.

**Request ids.** Every answer carries `X-Request-ID`: yours, if it is 1 to 64 of `A-Za-z0-9._-`, else a new one.

**Lists** come newest first, those of tasks in another order where `ordering` says so, and all filters hold at
once. With `limit` they come in pages: follow `meta.next_cursor` or the `Link` header. A cursor fits the filters
and the order it came with. A walk over the pages returns every surviving task exactly once, whatever is
inserted or deleted meanwhile.

**Changing what nobody else has changed.** A single task comes with an `ETag`. Send it back as `If-Match` with a
change, and the change happens only if the task is still at that version; else the answer is `412` and nothing
happened. With `If-None-Match` a read answers `304` while there is nothing new. A missing task is `404` before that,
a bad body `422` before that; an `If-Match` that is no list of `ETag`s matches nothing.

**Trying again.** A `POST` of a task, a bulk or a chat message with an `Idempotency-Key` takes effect once: within 24
hours the same key, path and body get the same successful answer, with `Idempotency-Replayed: true`. Refusals are not
kept.
"""
# In the order in which a person meets them.
TAGS: Final = [
    {
        "name": "auth",
        "description": "Accounts and tokens. Sign up once, log in on each device, and exchange the refresh token for a "
        "new pair whenever the access token has expired: each refresh token works once, and the one that comes with "
        "the new pair is the next.",
    },
    {
        "name": "tasks",
        "description": "The tasks of the user in the path, who must be the caller. Deleting and changing can be made "
        "to depend on what the caller has seen (`If-Match`), and creating can be tried again without making two "
        "(`Idempotency-Key`).",
    },
    {
        "name": "chat",
        "description": "Tasks in plain words, and the conversations about them. The assistant does at once what the "
        "message asks for; what deletes or changes more than was named waits for a yes.",
    },
    {
        "name": "mcp",
        "description": "The assistant's tools for programs that speak the Model Context Protocol: one message a "
        "request, by a personal token. What deletes is asked for, and done once the person has agreed.",
    },
    {
        "name": "without a user id",
        "description": "The same tasks and conversations of whoever calls, for clients that would rather not carry "
        "the id around.",
    },
    {
        "name": "tasks, short paths",
        "description": "The same tasks directly under the user, for clients that want it so.",
    },
    {
        "name": "admin",
        "description": "Everybody's accounts and tasks, and the security log: for the role `admin` alone, which is "
        "asked for anew with each request.",
    },
    {
        "name": "general",
        "description": "Is it there, and is it well? For load balancers, and for whoever opens the address.",
    },
]
# What stands in paths, by name.
PATH_PARAMETERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "user_id": ("The caller's own id: `user.id` of a token pair.", {"type": "string", "minLength": 1}),
    "task_id": ("Of one of the user's tasks.", {"type": "string", "format": "uuid"}),
    "conversation_id": ("Of one of the user's conversations.", {"type": "integer", "minimum": 0}),
    "token_id": ("Of one of the caller's personal tokens.", {"type": "string", "format": "uuid"}),
    "session_id": ("Of one of the caller's sessions.", {"type": "string", "format": "uuid"}),
    "name": ("What the client calls the conversation.", {"type": "string", "minLength": 1, "maxLength": 128}),
}
# Where the user is not the caller.
ANY_USER: Final = "Of any user."
