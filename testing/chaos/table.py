"""What was measured, beside what is wanted."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    fault: str
    what: str
    measured: str
    wanted: str
    holds: bool


@dataclass(slots=True)
class Findings:
    fault: str
    rows: list[Row] = field(default_factory=list)

    def at_most(self, what: str, measured: float, most: float, unit: str = "s") -> None:
        self._note(what, f"{_short(measured)} {unit}", f"at most {_short(most)} {unit}", holds=measured <= most)

    def none(self, what: str, found: object) -> None:
        """``found``: a count, or whatever is empty when there is none."""
        self._note(what, str(found or 0) if isinstance(found, int) else str(found or "none"), "none", holds=not found)

    def equal(self, what: str, measured: object, wanted: object) -> None:
        self._note(what, str(measured), str(wanted), holds=measured == wanted)

    def holds(self, what: str, measured: object, wanted: str, *, holds: bool) -> None:
        self._note(what, str(measured), wanted, holds=holds)

    def _note(self, what: str, measured: str, wanted: str, *, holds: bool) -> None:
        self.rows.append(Row(self.fault, what, measured, wanted, holds))


def render(rows: list[Row]) -> str:
    lines = ["| fault | | measured | wanted | |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.fault} | {row.what} | {row.measured} | {row.wanted} | {'holds' if row.holds else 'MISSED'} |"
        for row in rows
    ]
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
