"""What processes have used of the processor, as the kernel counts it."""

import os
from pathlib import Path
from typing import Final

import psycopg

TICKS: Final = os.sysconf("SC_CLK_TCK")


def seconds(pid: int, *, with_ended: bool = False) -> float:
    """Used so far by this process; ``with_ended`` also by its children that are gone."""
    # After the name, which may hold anything: proc(5), fields 14 to 17.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_ended else 13])) / TICKS


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def status(pid: int, name: str) -> int:
    """A count, or kilobytes: proc_pid_status(5)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def private_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


class DatabaseServer:
    """A PostgreSQL server on this machine: its first process, and one more for each connection."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            self._pid = status(connection.info.backend_pid, "PPid")

    def cpu_seconds(self) -> float:
        """Of all connections, those that have ended too."""
        used = seconds(self._pid, with_ended=True)
        for pid in children(self._pid):
            try:
                used += seconds(pid)
            except (FileNotFoundError, ProcessLookupError):
                # It has ended since, and will be counted with its parent next time.
                continue
        return used
