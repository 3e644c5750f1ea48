"""The committed Dockerfile, built by buildah without an engine; what comes out is a folder and its settings."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from e2e.image import base
from testing.service import ROOT

COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True)
class Image:
    root: Path
    config: dict[str, Any]
    megabytes: int
    # Of them.
    megabytes_of_base: int

    @property
    def env(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.config["Env"])

    @property
    def healthcheck(self) -> list[str]:
        manner, *command = self.config["Healthcheck"]["Test"]
        assert manner == "CMD"
        return [str(word) for word in command]


@contextmanager
def built(place: Path) -> Iterator[Image]:
    """Its storage is in ``place``."""
    store = _Store(place)
    store.import_base()
    store.build(pip_volumes(place))
    container = store.run("from", "--pull=never", "todo-backend")
    root = Path(store.run("mount", container))
    try:
        config = json.loads(store.run("inspect", "--type", "image", "todo-backend"))["Docker"]["config"]
        yield Image(root, config, store.megabytes("todo-backend"), store.megabytes(base.name()))
    finally:
        store.run("umount", container)


class _Store:
    """buildah with a storage of its own, by plain copies: other drivers want more of the kernel."""

    def __init__(self, place: Path) -> None:
        self._options = ["--storage-driver", "vfs", "--root", str(place / "images"), "--runroot", str(place / "run")]

    def run(self, command: str, *arguments: str) -> str:
        done = subprocess.run(
            ["buildah", *self._options, command, *arguments],
            cwd=ROOT, env={**os.environ, "BUILDAH_ISOLATION": "chroot"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"buildah {command}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout.strip()

    def import_base(self) -> None:
        container = self.run("from", "scratch")
        self.run("add", "--quiet", container, str(base.archive()), "/")
        self.run("config", "--env", "PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", container)
        self.run("commit", "--quiet", "--rm", container, f"docker.io/library/{base.name()}")

    def build(self, volumes: list[str]) -> None:
        mounts = [word for volume in volumes for word in ("--volume", volume)]
        # Only Docker's format has a health check.
        self.run(
            "bud", "--quiet", "--pull=never", "--format", "docker", "--network", "host", *mounts,
            "--build-arg", f"GIT_COMMIT={COMMIT}", "--tag", "todo-backend", ".",
        )  # fmt: skip

    def megabytes(self, image: str) -> int:
        [found] = json.loads(self.run("images", "--json", image))
        return round(_bytes(found["size"]) / 1_000_000)


def _bytes(text: str) -> float:
    number, unit = text.split()
    return float(number) * {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}[unit.upper()]


def pip_volumes(place: Path) -> list[str]:
    """What pip is told on this machine, for the build too: from where it installs, and whom it trusts."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    # Of the environment last, for it wins.
    settings = [line.partition("=") for line in sorted(said.splitlines(), reverse=True)]
    values = {name.rpartition(".")[2]: value.strip("'\"") for name, _, value in settings}
    file = place / "pip.conf"
    file.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in values.items()))
    named = (urlsplit(word) for value in values.values() for word in value.split())
    # An index on the disk names files beside it.
    local = (Path(url.path).parent if url.scheme else Path(url.path) for url in named if url.scheme in ("", "file"))
    paths = {path for path in (*local, CERTIFICATES) if path.is_absolute() and path.exists()}
    return [f"{file}:/etc/pip.conf:ro", *(f"{path}:{path}:ro" for path in sorted(paths))]
