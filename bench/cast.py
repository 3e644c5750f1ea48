"""Who wrk speaks for: a Lua file that its script reads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.database import open_rows

# Of each user, whose reads and toggles take turns.
KNOWN_TASKS: Final = 20

# A user's id and access token.
Person = tuple[str, str]
# Their tasks' ids and titles.
Tasks = list[tuple[str, str]]
Actor = Mapping[str, str | Sequence[str]]


def known_tasks(url: str, users: Iterable[Person]) -> dict[str, Tasks]:
    """By user, the same number of each."""
    with open_rows(url) as connection:
        return {
            user_id: connection.execute(
                "SELECT id::text, title FROM tasks_task WHERE user_id = %s ORDER BY id LIMIT %s", [user_id, KNOWN_TASKS]
            ).fetchall()
            for user_id, _ in users
        }


def write(path: Path, actors: Iterable[Actor]) -> Path:
    lines = [f"  {{ {', '.join(f'{name} = {_lua(value)}' for name, value in actor.items())} }}," for actor in actors]
    path.write_text("\n".join(["return {", *lines, "}", ""]))
    return path


def _lua(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        # JSON's escapes are Lua's too, but for those of other alphabets.
        return json.dumps(value, ensure_ascii=False)
    return f"{{ {', '.join(map(_lua, value))} }}"
