"""The peer: Litestar 2 with asyncpg and msgspec, nothing between the handler and the driver.

It checks the token and looks the session up on each request, as the service does.
"""

import os
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import jwt
from litestar import Litestar, Request, Response, get, patch, post
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.params import Parameter
from msgspec import Meta, Struct

from core.ids import uuid7

SECRET = os.environ["SECRET_KEY"]
PAGE_SIZE = 10_000

COLUMNS = "id, user_id, title, description, completed, completed_at, priority, due_at, tags, created_at, updated_at"
SESSION_SQL = (
    "SELECT u.id FROM peer_session s JOIN peer_user u ON u.id = s.user_id"
    " WHERE s.user_id = $1 AND s.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.is_active"
)
FIRST_PAGE_SQL = f"SELECT {COLUMNS} FROM peer_task WHERE user_id = $1 ORDER BY id DESC LIMIT $2"
NEXT_PAGE_SQL = f"SELECT {COLUMNS} FROM peer_task WHERE user_id = $1 AND id < $3 ORDER BY id DESC LIMIT $2"
READ_SQL = f"SELECT {COLUMNS} FROM peer_task WHERE user_id = $1 AND id = $2"
TOGGLE_SQL = (
    "UPDATE peer_task SET completed = NOT completed, updated_at = $3,"
    " completed_at = CASE WHEN completed THEN NULL ELSE $3::timestamptz END"
    f" WHERE user_id = $1 AND id = $2 RETURNING {COLUMNS}"
)
CREATE_SQL = f"INSERT INTO peer_task ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"


class TaskCreate(Struct):
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=1000)] | None = None
    priority: Annotated[str, Meta(max_length=6)] = "medium"
    due_at: datetime | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(max_length=20)] = []


class Task(Struct):
    id: uuid.UUID
    user_id: str
    title: str
    description: str | None
    completed: bool
    is_completed: bool
    completed_at: datetime | None
    priority: str
    due_at: datetime | None
    tags: list[str]
    created_at: datetime
    updated_at: datetime


class PageMeta(Struct):
    timestamp: datetime
    count: int
    next_cursor: uuid.UUID | None


class Page(Struct):
    data: list[Task]
    meta: PageMeta


def task_of(row: Any) -> Task:
    task_id, user_id, title, description, completed, *rest = row
    return Task(task_id, user_id, title, description, completed, completed, *rest)


@asynccontextmanager
async def database(app: Litestar):
    url = os.environ["DATABASE_URL"]
    # As the service's own pool.
    async with asyncpg.create_pool(url, min_size=5, max_size=15, max_inactive_connection_lifetime=300) as pool:
        app.state.pool = pool
        yield


async def owner(user_id: str, request: Request) -> str:
    """The user of the path, who must be the caller; their session is live."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthorizedException
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer="todo-backend")
    except jwt.PyJWTError as error:
        raise NotAuthorizedException from error
    if claims["sub"] != user_id:
        raise PermissionDeniedException
    values = user_id, uuid.UUID(claims["sid"]), datetime.now(UTC)
    if await request.app.state.pool.fetchrow(SESSION_SQL, *values) is None:
        raise NotAuthorizedException
    return user_id


@get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@get("/api/{user_id:str}/tasks")
async def list_tasks(
    caller: str,
    request: Request,
    limit: Annotated[int | None, Parameter(ge=1, le=1000)] = None,
    cursor: uuid.UUID | None = None,
) -> Page:
    size = limit or PAGE_SIZE
    statement = NEXT_PAGE_SQL if cursor else FIRST_PAGE_SQL
    rows = await request.app.state.pool.fetch(statement, caller, size + 1, *([cursor] if cursor else []))
    tasks = [task_of(row) for row in rows[:size]]
    next_cursor = tasks[-1].id if len(rows) > size else None
    return Page(tasks, PageMeta(datetime.now(UTC), len(tasks), next_cursor))


@post("/api/{user_id:str}/tasks")
async def create_task(caller: str, request: Request, data: TaskCreate) -> Response[Task]:
    now = datetime.now(UTC)
    task = Task(
        uuid7(now), caller, data.title, data.description, False, False, None, data.priority, data.due_at, data.tags,
        now, now,
    )  # fmt: skip
    await request.app.state.pool.execute(
        CREATE_SQL, task.id, caller, task.title, task.description, False, None, task.priority, task.due_at, task.tags,
        now, now,
    )  # fmt: skip
    return Response(task, status_code=201, headers={"Location": f"/api/{caller}/tasks/{task.id}"})


@get("/api/{user_id:str}/tasks/{task_id:uuid}")
async def read_task(caller: str, request: Request, task_id: uuid.UUID) -> Task:
    row = await request.app.state.pool.fetchrow(READ_SQL, caller, task_id)
    if row is None:
        raise NotFoundException
    return task_of(row)


@patch("/api/{user_id:str}/tasks/{task_id:uuid}/toggle")
async def toggle_task(caller: str, request: Request, task_id: uuid.UUID) -> Task:
    row = await request.app.state.pool.fetchrow(TOGGLE_SQL, caller, task_id, datetime.now(UTC))
    if row is None:
        raise NotFoundException
    return task_of(row)


app = Litestar(
    [health, list_tasks, create_task, read_task, toggle_task],
    dependencies={"caller": Provide(owner)},
    lifespan=[database],
    cors_config=CORSConfig(allow_origins=["http://localhost:3000"], allow_credentials=True, allow_methods=["*"]),
    openapi_config=None,
)
