"""The peer: async FastAPI, SQLModel, asyncpg and orjson, as a careful team would write it.

``PEER_SESSIONS=1`` looks the session up on each request, as the service does; otherwise the signature
of the token is all, as is common. ``PEER_TUNED=1`` leaves SQLModel's idioms for speed: rows instead of
entities, one statement instead of a transaction, and a pool that keeps what it has opened.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import jwt
import orjson
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy import case, not_, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Column, DateTime, Field, Index, SQLModel, String, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import uuid7

SECRET = os.environ["SECRET_KEY"]
WITH_SESSIONS = os.environ.get("PEER_SESSIONS") == "1"
TUNED = os.environ.get("PEER_TUNED") == "1"
PAGE_SIZE = 10_000

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1),
    # As many as the service's own pool may have. What is over ``pool_size``, here SQLAlchemy's own default, it closes
    # when it is given back: with eight at once, three of eight requests open a connection.
    pool_size=15 if TUNED else 5,
    max_overflow=0 if TUNED else 10,
    pool_pre_ping=True,
    pool_recycle=300,
    **({"isolation_level": "AUTOCOMMIT"} if TUNED else {}),
)


class TaskFields(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    priority: str = Field(default="medium", max_length=6)
    due_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class TaskCreate(TaskFields):
    tags: list[str] = Field(default=[], max_length=20)


class Task(TaskFields, table=True):
    __tablename__ = "peer_task"
    __table_args__ = (Index("peer_task_user_id", "user_id", "id"),)

    id: uuid.UUID = Field(primary_key=True)
    user_id: str = Field(max_length=128)
    completed: bool = False
    completed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    tags: list[str] = Field(default=[], sa_column=Column(ARRAY(String(50)), nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))


TABLE = Task.__table__
SESSION_SQL = text(
    "SELECT u.id FROM peer_session s JOIN peer_user u ON u.id = s.user_id"
    " WHERE s.user_id = :user_id AND s.id = :id AND s.ended_at IS NULL AND s.expires_at > :now AND u.is_active"
)


class Caller(NamedTuple):
    user_id: str
    session_id: str


@asynccontextmanager
async def database(caller: Caller) -> AsyncIterator[AsyncSession]:
    """One connection for all that a request asks."""
    async with AsyncSession(engine, expire_on_commit=False) as db:
        if WITH_SESSIONS:
            await check_session(db, caller)
        yield db


async def check_session(db: AsyncSession, caller: Caller) -> None:
    values = {"user_id": caller.user_id, "id": uuid.UUID(caller.session_id), "now": datetime.now(UTC)}
    if (await db.execute(SESSION_SQL, values)).first() is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"], allow_credentials=True, allow_methods=["*"])


async def owner(user_id: str, request: Request) -> Caller:
    """The user of the path, who must be the caller."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer="todo-backend")
    except jwt.PyJWTError as error:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) from error
    if claims["sub"] != user_id:
        raise HTTPException(403)
    return Caller(user_id, claims["sid"])


Owner = Annotated[Caller, Depends(owner)]


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    # Faster than FastAPI's response models, which validate what is known to be good.
    # orjson asks ``str`` about asyncpg's own kind of UUID.
    return Response(orjson.dumps(content, str, orjson.OPT_UTC_Z), status, headers, "application/json")


def document(task: Any) -> dict[str, Any]:
    return {
        "id": task.id,
        "user_id": task.user_id,
        "title": task.title,
        "description": task.description,
        "completed": task.completed,
        "is_completed": task.completed,
        "completed_at": task.completed_at,
        "priority": task.priority,
        "due_at": task.due_at,
        "tags": task.tags,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.get("/api/{user_id}/tasks")
async def list_tasks(
    caller: Owner, limit: Annotated[int | None, Query(ge=1, le=1000)] = None, cursor: uuid.UUID | None = None
) -> Response:
    size = limit or PAGE_SIZE
    statement = select(*TABLE.columns) if TUNED else select(Task)
    statement = statement.where(Task.user_id == caller.user_id).order_by(Task.id.desc()).limit(size + 1)
    if cursor:
        statement = statement.where(Task.id < cursor)
    async with database(caller) as db:
        tasks = (await db.exec(statement)).all()
    page = [document(task) for task in tasks[:size]]
    next_cursor = page[-1]["id"] if len(tasks) > size else None
    meta = {"timestamp": datetime.now(UTC), "count": len(page), "next_cursor": next_cursor}
    return answer({"data": page, "meta": meta})


@app.post("/api/{user_id}/tasks")
async def create_task(caller: Owner, body: TaskCreate) -> Response:
    now = datetime.now(UTC)
    task = Task(**body.model_dump(), id=uuid7(now), user_id=caller.user_id, created_at=now, updated_at=now)
    async with database(caller) as db:
        db.add(task)
        await db.commit()
    return answer(document(task), 201, {"Location": f"/api/{caller.user_id}/tasks/{task.id}"})


@app.get("/api/{user_id}/tasks/{task_id}")
async def read_task(caller: Owner, task_id: uuid.UUID) -> Response:
    statement = select(*TABLE.columns) if TUNED else select(Task)
    async with database(caller) as db:
        task = (await db.exec(statement.where(Task.user_id == caller.user_id, Task.id == task_id))).first()
    if task is None:
        raise HTTPException(404)
    return answer(document(task))


@app.patch("/api/{user_id}/tasks/{task_id}/toggle")
async def toggle_task(caller: Owner, task_id: uuid.UUID) -> Response:
    now = datetime.now(UTC)
    async with database(caller) as db:
        task = await (_toggle_in_one if TUNED else _toggle)(db, caller.user_id, task_id, now)
    if task is None:
        raise HTTPException(404)
    return answer(document(task))


async def _toggle(db: AsyncSession, user_id: str, task_id: uuid.UUID, now: datetime) -> Task | None:
    statement = select(Task).where(Task.user_id == user_id, Task.id == task_id)
    task = (await db.exec(statement.with_for_update())).first()
    if task is not None:
        task.completed = not task.completed
        task.completed_at = now if task.completed else None
        task.updated_at = now
        await db.commit()
    return task


async def _toggle_in_one(db: AsyncSession, user_id: str, task_id: uuid.UUID, now: datetime) -> Any:
    statement = update(TABLE).where(TABLE.c.user_id == user_id, TABLE.c.id == task_id)
    statement = statement.values(
        completed=not_(TABLE.c.completed), completed_at=case((TABLE.c.completed, None), else_=now), updated_at=now
    )
    return (await db.exec(statement.returning(*TABLE.columns))).first()
