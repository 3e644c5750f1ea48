"""Whether what became of a case is one of the things it may become."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

from assistant.tests.judging.dues import is_due, week
from assistant.tests.judging.telling import Case, State, Told

LINE: Final = re.compile(r"^(\d+)\. (.+?)(?: \((?:due|high|low|completed)[^\n]*\))?(?: #\S+)*$", re.MULTILINE)
NOT_UNDERSTOOD: Final = re.compile(r"did not understand|didn['’]t understand", re.IGNORECASE)
ASKS: Final = re.compile(
    r"\?|\b(?:cannot|can['’]t|could not|no (?:open |completed )?task|not able|tell me|say)\b", re.IGNORECASE
)
Wanted = Mapping[str, Any]


class Verdict(Enum):
    RIGHT = "right"
    ASKS = "asks"
    HARMLESS = "wrong, harmless"
    HARMFUL = "harmful"


class Judge:
    """Of one case that was told at ``now``."""

    def __init__(self, case: Case, told: Told, now: datetime) -> None:
        self._case, self._told, self._now = case, told, now

    def is_met(self) -> bool:
        middle = self._case.get("mid")
        if middle is not None and not self._differs(self._told.start, self._told.middle, middle):
            return False
        return any(self._fits(wanted) for wanted in self._case["expect"])

    def verdict(self) -> Verdict:
        if self.is_met():
            return Verdict.RIGHT
        changed = self._told.end != self._told.start
        if changed and not self._is_only_middle():
            return Verdict.HARMFUL
        return Verdict.ASKS if asks(self._told.answer) else Verdict.HARMLESS

    def _is_only_middle(self) -> bool:
        """What earlier turns rightly changed is there, and no more."""
        middle = self._case.get("mid", self._first_addition())
        return self._told.middle == self._told.end and self._differs(self._told.start, self._told.middle, middle)

    def _first_addition(self) -> Wanted:
        wanted = self._case["expect"][0]
        return {"add": [{"t": ".*", "due": "any"}]} if "add" in wanted and len(self._case["turns"]) > 1 else {}

    def _fits(self, wanted: Wanted) -> bool:
        return self._differs(self._told.start, self._told.end, wanted) and self._answers(wanted)

    def _differs(self, start: State, end: State, wanted: Wanted) -> bool:
        """In all of what is wanted, and in nothing else."""
        added = [end[task_id] for task_id in end if task_id not in start]
        deleted = [task["t"] for task_id, task in start.items() if task_id not in end]
        both = [(start[task_id], end[task_id]) for task_id in start if task_id in end]
        done = [old["t"] for old, new in both if new["completed"] and not old["completed"]]
        reopened = [old["t"] for old, new in both if old["completed"] and not new["completed"]]
        updated = {old["t"]: (old, new) for old, new in both if {**old, "completed": 0} != {**new, "completed": 0}}
        return (
            sorted(deleted) == self._titles(wanted.get("delete", ()))
            and sorted(done) == self._titles(wanted.get("complete", ()))
            and sorted(reopened) == self._titles(wanted.get("reopen", ()))
            and set(updated) == set(self._titles(wanted.get("update", {})))
            and all(
                self._is_updated(*updated[self._title(name)], fields)
                for name, fields in wanted.get("update", {}).items()
            )
            and self._are_added(added, wanted.get("add", ()))
        )

    def _titles(self, names: Any) -> list[str]:
        return sorted(self._title(name) for name in names)

    def _title(self, name: str) -> str:
        """ "#2" is of the last list that an earlier turn showed."""
        if not re.fullmatch(r"#-?\d+", name):
            return name
        lists = [LINE.findall(turn.response) for turn in self._told.turns[:-1]]
        shown: list[tuple[str, str]] = next((lines for lines in reversed(lists) if lines), [])
        number = int(name[1:])
        place = number if number < 0 else number - 1
        return str(shown[place][1]) if -len(shown) <= place < len(shown) else "no list was shown"

    def _are_added(self, added: Sequence[Wanted], wanted: Sequence[Wanted]) -> bool:
        left = list(wanted)
        for task in added:
            found = next((draft for draft in left if self._is_draft(task, draft)), None)
            if found is None:
                return False
            left.remove(found)
        return not left

    def _is_draft(self, task: Wanted, draft: Wanted) -> bool:
        return (
            _matches(draft["t"], task["t"])
            and is_due(task["due"], draft.get("due", "none"), self._now)
            and task["p"] in draft.get("p", "medium").split("|")
            and sorted(task["tags"]) == sorted(draft.get("tags", []))
            and _matches(draft.get("d", ""), task["d"] or "")
            and not task["completed"]
        )

    def _is_updated(self, old: Wanted, new: Wanted, fields: Wanted) -> bool:
        same = all(old[name] == new[name] for name in ("t", "d", "p", "due", "tags") if name not in fields)
        return (
            same
            and ("t" not in fields or _matches(fields["t"], new["t"]))
            and ("d" not in fields or _matches(fields["d"], new["d"] or ""))
            and ("p" not in fields or new["p"] in fields["p"].split("|"))
            and ("tags" not in fields or sorted(fields["tags"]) == sorted(new["tags"]))
            and ("due" not in fields or is_due(new["due"], fields["due"], self._now))
        )

    def _answers(self, wanted: Wanted) -> bool:
        answer = self._told.answer
        return (
            all(title in answer for title in wanted.get("has", ()))
            and not any(title in answer for title in wanted.get("hasnt", ()))
            and ("ans" not in wanted or _occurs(wanted["ans"], answer))
            and ("no" not in wanted or not _occurs(wanted["no"], answer))
            and (not wanted.get("ask") or asks(answer))
            and ("pending" not in wanted or self._waits(wanted))
            and ("list_due" not in wanted or self._lists_due(wanted["list_due"]))
        )

    def _waits(self, wanted: Wanted) -> bool:
        waiting = self._told.turns[-1].pending_action
        return (
            waiting is not None
            and wanted["pending"] in waiting.summary
            and all(self._title(title) in waiting.summary for title in wanted["of"])
        )

    def _lists_due(self, spelled: str) -> bool:
        first, after = week(self._now.date(), int(spelled[1:]))
        answer = self._told.answer
        for task in self._told.end.values():
            due = task["due"] and task["due"].astimezone(self._now.tzinfo).date()
            is_wanted = due is not None and first <= due < after and not task["completed"]
            if is_wanted != (task["t"] in answer):
                return False
        return True


def asks(answer: str) -> bool:
    return bool(ASKS.search(answer)) and not NOT_UNDERSTOOD.search(answer)


def _matches(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(pattern, text.strip(), re.IGNORECASE | re.DOTALL))


def _occurs(pattern: str, text: str) -> bool:
    return bool(re.search(pattern, text, re.IGNORECASE | re.DOTALL))
