"""How far a command is."""

from typing import Final

from django.core.management.base import BaseCommand

BAR: Final = 30


def show(command: BaseCommand, what: str, made: int, total: int) -> None:
    """One line that grows on a terminal; where nobody watches, a line each."""
    done = BAR * made // total
    line = f"[{'#' * done}{'.' * (BAR - done)}] {made} of {total} {what}"
    if command.stderr.isatty():
        command.stderr.write(f"\r{line}", command.style.NOTICE, ending="\n" if made >= total else "")
    else:
        command.stderr.write(line, command.style.NOTICE)
