"""What the service tells of itself, to whom, and which of its versions it is."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from todo_project.env import reader as parse
from todo_project.env.reader import EnvError, Reader

MIN_TOKEN_LENGTH: Final = 16
COMMIT: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")
HASH: Final = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    # json or text.
    log_format: str
    metrics_token: str | None = field(repr=False)
    metrics_port: int | None
    # None: no traces.
    otlp_endpoint: str | None
    # None: nobody knows.
    commit: str | None

    @property
    def has_metrics(self) -> bool:
        return self.metrics_token is not None or self.metrics_port is not None


def read_telemetry(reader: Reader, environment: str, base_dir: Path) -> Telemetry:
    usual = "text" if environment == "development" else "json"
    metrics_port = reader.read(parse.integer(1, 65_535), "METRICS_PORT")
    if metrics_port and metrics_port == reader.read(parse.integer(1, 65_535), "PORT"):
        raise EnvError("METRICS_PORT must not equal PORT.")
    return Telemetry(
        log_format=reader.read(parse.choice("json", "text"), "LOG_FORMAT") or usual,
        metrics_token=reader.read(parse.secret(MIN_TOKEN_LENGTH), "METRICS_TOKEN"),
        metrics_port=metrics_port,
        otlp_endpoint=reader.read(parse.url("http", "https"), "OTEL_EXPORTER_OTLP_ENDPOINT"),
        commit=reader.read(_commit, "GIT_COMMIT") or find_commit(base_dir),
    )


def find_commit(checkout: Path) -> str | None:
    """That a clone stands at, by git's own files: there may be no git."""
    try:
        folder = _git_folder(checkout / ".git")
        head = _read(folder / "HEAD")
        name = head.removeprefix("ref: ")
        if name == head:
            return _hash(head)
        return _hash(_find_ref(folder, name))
    # What is no repository, or one of a kind that is not known here.
    except (OSError, UnicodeDecodeError):
        return None


def _git_folder(place: Path) -> Path:
    """Of a further worktree ``.git`` is a file that names it."""
    if place.is_file():
        return place.parent / _read(place).removeprefix("gitdir: ")
    return place


def _find_ref(folder: Path, name: str) -> str:
    common = folder / "commondir"
    shared = folder / _read(common) if common.exists() else folder
    for place in (folder / name, shared / name):
        if place.is_file():
            return _read(place)
    packed = _read(shared / "packed-refs").splitlines()
    return next((line.partition(" ")[0] for line in packed if line.endswith(f" {name}")), "")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _hash(text: str) -> str | None:
    return text if HASH.fullmatch(text) else None


def _commit(text: str) -> str:
    if not COMMIT.fullmatch(text):
        raise ValueError("must be a commit: 1 to 64 of A-Za-z0-9._-")
    return text
