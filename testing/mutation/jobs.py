"""What the run hands to the pytest processes, and what they hand back, as JSON."""

import json
import os
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from testing.mutation.mutants import Mutant

VARIABLE = "MUTATION_JOB"
# Every pytest of the run: in the files' order, and nothing kept.
OPTIONS = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider"]


class Outcome(StrEnum):
    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    UNREACHED = "no test runs it"


@dataclass
class Job:
    """One area: its mutants, and where each one's outcome is written as it comes."""

    mutants: list[Mutant]
    # The area's modules.
    paths: list[str]
    results: str

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls) -> "Job":
        stored = json.loads(Path(os.environ[VARIABLE]).read_text())
        mutants = [Mutant(**{**each, "lines": tuple(each["lines"])}) for each in stored["mutants"]]
        return cls(mutants, stored["paths"], stored["results"])

    def report(self, mutant: Mutant, outcome: Outcome) -> None:
        self._append({"mutant": asdict(mutant), "outcome": outcome})

    def leave_out(self, test: str) -> None:
        """It fails without any change."""
        self._append({"left_out": test})

    def _append(self, line: dict[str, Any]) -> None:
        with Path(self.results).open("a") as results:
            results.write(json.dumps(line) + "\n")


@dataclass
class SingleJob:
    """One mutant that needs a process of its own, and the tests for it in their order."""

    path: str
    number: int
    tests: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls) -> "SingleJob":
        return cls(**json.loads(Path(os.environ[VARIABLE]).read_text()))
