"""What of a model's text is for the person: not what it thinks aloud, and no tool call that it writes down."""

import re
from collections.abc import Collection
from typing import Final

# How thinking begins and ends where the endpoint does not part it from the answer; only where a line begins, for a
# title may hold such a word.
THOUGHTS: Final = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "\u25c1think\u25b7": "\u25c1/think\u25b7",
    "<|START_THINKING|>": "<|END_THINKING|>",
}
# What a tool call begins with, written in the formats of several families of models.
CALLS: Final = (
    *("<tool_call", "<toolcall", "<tools>", "<function", "<invoke", "<minimax:tool_call", "<call_record"),
    *("<|tool", "<|python_tag|>", "<|channel|>", "<|start|>", "<|DSML|", "<\uff5c", "<\u2016", "commentary to="),
    *("[TOOL_CALL", "[Calling tool", "print(", "default_api.", "{", "[{", "```"),
)
ENDS: Final = tuple(THOUGHTS.values())
END: Final = re.compile("|".join(map(re.escape, ENDS)))
LONGEST: Final = max(map(len, ENDS))


class Prose:
    """``names`` are those of the tools. ``is_aloud``: an answer of this model begins within a thought."""

    def __init__(self, names: Collection[str], *, is_aloud: bool = False) -> None:
        named = (f"{before}{name}{after}" for name in names for before in ("", "[") for after in "({")
        self._marks = (*THOUGHTS, *CALLS, *named)
        self._mark = re.compile(rf"^[ \t]*({'|'.join(map(re.escape, self._marks))})", re.MULTILINE)
        # What ends the thought that it is in.
        self._ends = ENDS if is_aloud else ()
        self._is_aloud = is_aloud
        # Not looked at yet, and whether a line begins with it.
        self._left, self._begins = "", True
        # A written call, or what begins like one.
        self.held = ""
        # What has been given out was a thought: there came its end, and had been no beginning.
        self.has_leaked = False

    def add(self, text: str) -> str:
        """What can be shown of it by now."""
        self._left += text
        shown = ""
        while self._left and (more := self._step()) is not None:
            shown += more
        return shown

    def end(self) -> str:
        """The rest of it; ``held`` is for the caller to read."""
        rest, self._left = self._left, ""
        if not self._is_aloud:
            return "" if self._ends else rest
        # It did not think this time.
        self._ends, self._is_aloud = (), False
        return self.add(rest) + self.end()

    def _step(self) -> str | None:
        """What can be shown of what is left; None where more has to come first."""
        if self.held:
            self.held, self._left = self.held + self._left, ""
            return ""
        return self._skip() if self._ends else self._show()

    def _skip(self) -> str | None:
        found = min(((self._left.find(end), end) for end in self._ends if end in self._left), default=None)
        if found is None:
            # In case it is the answer after all.
            self._left = self._left if self._is_aloud else self._left[-LONGEST:]
            return None
        self._ends, self._is_aloud = (), False
        self._go_on(found[0] + len(found[1]))
        return ""

    def _show(self) -> str | None:
        ended = END.search(self._left)
        opened = next((m for m in self._mark.finditer(self._left) if m.start() or self._begins), None)
        if ended and (opened is None or ended.start() < opened.start()):
            self.has_leaked = True
            self._go_on(ended.end())
            return ""
        if opened is None:
            return self._show_until(len(self._left) - self._unsure())
        shown = self._left[: opened.start()]
        if end := THOUGHTS.get(opened[1]):
            self._ends, self._left = (end,), self._left[opened.end() :]
        else:
            self.held, self._left = self._left[opened.start(1) :], ""
        return shown

    def _go_on(self, place: int) -> None:
        self._left, self._begins = self._left[place:].lstrip(), True

    def _show_until(self, place: int) -> str | None:
        if not place:
            return None
        shown, self._left = self._left[:place], self._left[place:]
        line = shown.rpartition("\n")[2]
        self._begins = not line.strip() and ("\n" in shown or self._begins)
        return shown

    def _unsure(self) -> int:
        """How many of the last letters may be the beginning of a mark, or of an end."""
        line = self._left.rpartition("\n")[2]
        begun = line.lstrip(" \t")
        if (self._begins or line != self._left) and begun and any(mark.startswith(begun) for mark in self._marks):
            return len(line)
        sizes = range(min(LONGEST, len(self._left)), 0, -1)
        return next((size for size in sizes if any(end.startswith(self._left[-size:]) for end in ENDS)), 0)
