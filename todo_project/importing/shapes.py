"""How the five backends name what they store: tables and columns, as SQLModel and Better Auth make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from todo_project.importing.source import Source, picking, selecting


@dataclass(frozen=True, slots=True)
class Backend:
    # The first that is there is taken.
    users: Sequence[str]
    # Whether Better Auth vouches for its people, and they have no password there or here.
    is_outside: bool
    has_chat: bool


OWN: Final = ("users", "user")
BETTER_AUTH: Final = ("user", "users")
BACKENDS: Final[Mapping[str, Backend]] = {
    "a": Backend(OWN, is_outside=False, has_chat=False),
    "b": Backend(BETTER_AUTH, is_outside=True, has_chat=True),
    "c": Backend(OWN, is_outside=False, has_chat=True),
    "d": Backend(OWN, is_outside=False, has_chat=True),
    "e": Backend(BETTER_AUTH, is_outside=True, has_chat=False),
}
# Where Better Auth keeps passwords, among other ways to come in.
CREDENTIALS: Final = ("account", "accounts")
TABLES: Final[Mapping[str, Sequence[str]]] = {
    "tasks": ("tasks", "task", "todos", "todo"),
    "conversations": ("conversations", "conversation"),
    "messages": ("messages", "message"),
}
CREATED: Final = ("created_at", "createdAt")
UPDATED: Final = ("updated_at", "updatedAt")
DELETED: Final = ("is_deleted", "isDeleted", "deleted")
DELETED_AT: Final = ("deleted_at", "deletedAt")
OWNER: Final = ("user_id", "userId", "owner_id", "ownerId")
# What we call it -> what they may; the first that is there is taken.
COLUMNS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "users": {
        "id": ("id",),
        "email": ("email",),
        "name": ("name", "full_name", "display_name", "username"),
        "password": ("password_hash", "hashed_password", "passwordHash", "hashedPassword", "password"),
        "is_verified": ("email_verified", "emailVerified", "is_verified", "isVerified"),
        "is_active": ("is_active", "isActive", "active"),
        "status": ("status",),
        "banned": ("banned", "is_banned", "isBanned"),
        "ban_ends": ("ban_expires", "banExpires"),
        "disabled": ("disabled", "is_disabled", "isDisabled"),
        "blocked": ("blocked", "is_blocked", "isBlocked"),
        "suspended": ("suspended", "is_suspended", "isSuspended"),
        "is_deleted": DELETED,
        "deleted_at": DELETED_AT,
        "role": ("role", "roles"),
        "is_admin": ("is_admin", "isAdmin"),
        "is_superuser": ("is_superuser", "isSuperuser"),
        "created_at": CREATED,
    },
    "credentials": {
        "owner": OWNER,
        "provider": ("providerId", "provider_id"),
        "password": ("password",),
    },
    "tasks": {
        "id": ("id",),
        "owner": OWNER,
        "title": ("title",),
        "description": ("description",),
        "completed": ("completed", "is_completed", "isCompleted", "is_done", "done"),
        "status": ("status",),
        "completed_at": ("completed_at", "completedAt"),
        "priority": ("priority",),
        "due": ("due_at", "due_date", "dueDate", "dueAt"),
        "tags": ("tags",),
        "is_deleted": DELETED,
        "deleted_at": DELETED_AT,
        "created_at": CREATED,
        "updated_at": UPDATED,
    },
    "conversations": {
        "id": ("id",),
        "owner": OWNER,
        "title": ("title",),
        "created_at": CREATED,
        "updated_at": UPDATED,
    },
    "messages": {
        "id": ("id",),
        "conversation": ("conversation_id", "conversationId"),
        "role": ("role",),
        "content": ("content",),
        "tool_calls": ("tool_calls", "toolCalls", "tool_invocations"),
        "created_at": (*CREATED, "timestamp"),
    },
}
NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "users": ("id", "email"),
    "credentials": ("owner", "provider", "password"),
    "tasks": ("id", "owner", "title"),
    "conversations": ("id", "owner"),
    "messages": ("id", "conversation", "role", "content", "created_at"),
}
IDS: Final = ("id", "owner", "conversation")


class Unlike(Exception):
    """The database is no such backend's; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: Mapping[str, str]
    # Of people whose passwords stand elsewhere.
    credentials: "Table | None" = None

    def ordered(self, source: Source, *order: str) -> str:
        return selecting(source, self.name, self.columns, IDS, order)


def people_sql(source: Source, users: Table) -> str:
    """In the order of their ids, each with the hash of a password."""
    if users.credentials is None:
        return users.ordered(source, "id")
    picked = picking(source, users.name, users.columns, IDS)
    held = picking(source, users.credentials.name, users.credentials.columns, IDS)
    listed = ", ".join(f'{sql} AS "{ours}"' for ours, sql in {**picked, "password": 'kept."password"'}.items())
    return (
        f'SELECT {listed} FROM "{users.name}" LEFT JOIN ('  # noqa: S608 - names of the catalogue
        f'SELECT {held["owner"]} AS "owner", max({held["password"]}) AS "password" FROM "{users.credentials.name}"'
        f" WHERE {held['provider']} = 'credential' GROUP BY 1"
        f') AS kept ON kept."owner" = {picked["id"]} ORDER BY {picked["id"]}'
    )


def messages_sql(source: Source, messages: Table, conversations: Table) -> str:
    """Each with its owner, as the conversations are ordered, and in one by time."""
    said = picking(source, messages.name, messages.columns, IDS)
    held = picking(source, conversations.name, conversations.columns, IDS)
    listed = ", ".join(f'{sql} AS "{ours}"' for ours, sql in ({**said, "owner": held["owner"]}).items())
    return (
        f'SELECT {listed} FROM "{messages.name}" JOIN "{conversations.name}"'  # noqa: S608 - names of the catalogue
        f" ON {held['id']} = {said['conversation']}"
        f' ORDER BY {held["owner"]}, {held["id"]}, {said["created_at"]}, "{messages.name}"."{messages.columns["id"]}"'
    )


def find_tables(source: Source, backend: Backend, *, with_credentials: bool) -> dict[str, Table]:
    """What the backend keeps; ``with_credentials`` the passwords of Better Auth too. Raises ``Unlike``."""
    wanted = ["users", "tasks", *(("conversations", "messages") if backend.has_chat else ())]
    found = {kind: _find(source, kind, backend.users if kind == "users" else TABLES[kind]) for kind in wanted}
    if with_credentials and found["users"]:
        found["users"] = replace(found["users"], credentials=_find(source, "credentials", CREDENTIALS))
    # A backend may never have made its tables of the chat.
    return {kind: table for kind, table in found.items() if table}


def _find(source: Source, kind: str, names: Sequence[str]) -> Table | None:
    name = next((name for name in names if source.columns(name)), None)
    if name is None:
        if kind in ("users", "credentials", "tasks"):
            raise Unlike(f"There is no table {' or '.join(names)}.")
        return None
    there = source.columns(name)
    columns = {
        ours: next(one for one in theirs if one in there)
        for ours, theirs in COLUMNS[kind].items()
        if not there.keys().isdisjoint(theirs)
    }
    if missing := [ours for ours in NEEDED[kind] if ours not in columns]:
        raise Unlike(f"The table {name} has no column {', '.join(missing)}.")
    return Table(name, columns)
