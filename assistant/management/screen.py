"""How a turn looks on a terminal."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from django.core.management.base import OutputWrapper
from django.core.management.color import Style

from assistant.tools.results import Result, Step

# A title or a model's words could move the cursor, or retitle the window (ECMA-48, section 5).
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Django's palettes have no role that stays in the background (ECMA-48, section 8.3.117: faint).
FAINT: Final = "\x1b[2m{}\x1b[0m"


class Screen:
    """An ``Audience``."""

    def __init__(self, out: OutputWrapper, style: Style, *, is_detailed: bool) -> None:
        """``is_detailed``: results of tools as a client gets them."""
        self._out = out
        self._is_detailed = is_detailed
        self._is_inside_line = False
        is_coloured = style.WARNING("") != ""
        self._faint: Callable[[str], str] = FAINT.format if is_coloured else str
        self._warning: Callable[[str], str] = style.WARNING

    def hear(self, text: str) -> None:
        if not self._is_inside_line:
            text = text.lstrip("\n")
        if text:
            self._out.write(_clean(text), ending="")
            self._out.flush()
            self._is_inside_line = not text.endswith("\n")

    def watch(self, step: Step) -> None:
        arguments = json.dumps(dict(step.arguments), ensure_ascii=False, default=str)
        result = json.dumps(step.result, ensure_ascii=False) if self._is_detailed else _sum_up(step.result)
        self.note(f"{step.tool} {arguments} -> {result}")

    def note(self, line: str) -> None:
        """About the talk, and no part of it."""
        self._tell(self._faint(_clean(line)))

    def warn(self, line: str) -> None:
        self._tell(self._warning(_clean(line)))

    def end_line(self) -> None:
        if self._is_inside_line:
            self._tell("")

    def _tell(self, line: str) -> None:
        self._out.write(f"\n{line}" if self._is_inside_line and line else line)
        self._out.flush()
        self._is_inside_line = False


def _clean(text: str) -> str:
    return CONTROL.sub("\ufffd", text)


def _sum_up(result: Result) -> str:
    if "error" in result:
        return str(result["error"]["code"])
    if "tasks" in result:
        count = result["count"]
        return f"{count} task{'' if count == 1 else 's'}{' and more' if result['more'] else ''}"
    notes = [note.replace("_", " ") for note in ("unchanged", "needs_confirmation") if result.get(note)]
    return ", ".join([_title(result), *notes])


def _title(result: dict[str, Any]) -> str:
    return f"\u201c{result['task']['title']}\u201d" if "task" in result else "done"
