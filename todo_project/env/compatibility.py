"""How other backends' clients are spoken to: one setting that sets several, each of which may be set by itself."""

from functools import partial
from pathlib import Path
from typing import Any

from todo_project.env import reader as parse
from todo_project.env.database_urls import parse_database_url
from todo_project.env.reader import EnvError, Reader
from todo_project.family.presets import NEEDED, PRESETS


def prefer_preset(reader: Reader) -> str:
    """Has what ``COMPATIBLE_WITH`` sets stand where a setting is not set itself; its value, or nothing."""
    chosen = reader.read(parse.choice(*PRESETS), "COMPATIBLE_WITH") or ""
    reader.prefer(PRESETS.get(chosen, {}))
    return chosen


def read_compatibility(reader: Reader, chosen: str, base_dir: Path) -> dict[str, Any]:
    better_auth_database = reader.read(partial(parse_database_url, base_dir=base_dir), "BETTER_AUTH_DATABASE_URL")
    if NEEDED.get(chosen) and not better_auth_database:
        raise EnvError(f"{NEEDED[chosen]} is required with COMPATIBLE_WITH={chosen}: its clients send session tokens.")
    envelope = reader.read(_envelope, "LIST_ENVELOPE")
    return {
        "compatible_with": chosen,
        "better_auth_database": better_auth_database,
        "list_envelope": True if envelope is None else envelope,
        "task_aliases": reader.read(parse.boolean, "TASK_ALIASES") or False,
        "chat_tool_calls": reader.read(parse.choice("objects", "names"), "CHAT_TOOL_CALLS") or "objects",
    }


def _envelope(value: str) -> bool | str:
    if value.lower() in ("tasks", "data.tasks"):
        return value.lower()
    try:
        return parse.boolean(value)
    except ValueError:
        raise ValueError("must be true, false, tasks or data.tasks") from None
