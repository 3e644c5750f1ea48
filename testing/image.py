"""What the Dockerfile makes, without a container engine: its files, its environment, its commands.

The paths of the image stand for directories here; building the wheels and making the user is left out.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Image:
    app: Path
    data: Path
    instructions: list[tuple[str, str]]

    @property
    def env(self) -> dict[str, str]:
        """The image's ENV, with this interpreter's environment in the place of /venv."""
        words = " ".join(text for name, text in self.instructions if name == "ENV").split()
        given = {f"${name}": value for name, _, value in (self.one("ARG").partition("="),)}
        stated = {name: given.get(value, value) for name, value in (word.split("=", 1) for word in words)}
        return stated | {"PATH": f"{Path(sys.executable).parent}:{os.defpath}"}

    @property
    def entrypoint(self) -> list[str]:
        return [self.localise(word) for word in json.loads(self.one("ENTRYPOINT"))]

    @property
    def healthcheck(self) -> list[str]:
        return [str(word) for word in json.loads(self.one("HEALTHCHECK").partition(" CMD ")[2])]

    def one(self, name: str) -> str:
        [text] = [text for other, text in self.instructions if other == name]
        return text

    def localise(self, text: str) -> str:
        return re.sub(r"/app\b", str(self.app), re.sub(r"/data\b", str(self.data), text))

    def build(self) -> None:
        """Copies what ``COPY . .`` would, and runs the RUN lines that follow it."""
        copy_allowed(self.app)
        after = self.instructions.index(("COPY", ". .")) + 1
        for name, text in self.instructions[after:]:
            if name == "RUN":
                subprocess.run(["/bin/sh", "-c", self.localise(text)], env=self.env, cwd=self.app, check=True)


def final_stage(dockerfile: str) -> list[tuple[str, str]]:
    """The instructions of the last stage, comments dropped and continued lines joined."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    found = [(name, text.strip()) for name, _, text in (line.partition(" ") for line in joined.splitlines() if line)]
    return found[max(place for place, (name, _) in enumerate(found) if name == "FROM") :]


def copy_allowed(target: Path) -> None:
    """Copies the files that ``.dockerignore`` lets through; it may say no more than is understood here."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines.pop(0) == "*"
    allowed = [line.removeprefix("!") for line in lines if line.startswith("!")]
    dropped = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    assert len(allowed) + len(dropped) == len(lines)
    for path in allowed:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, target / path, ignore=shutil.ignore_patterns(*dropped))
        else:
            shutil.copy2(ROOT / path, target / path)


def read(directory: Path) -> Image:
    """The image as the Dockerfile describes it; ``build`` makes its files."""
    return Image(directory / "app", directory / "data", final_stage((ROOT / "Dockerfile").read_text()))


def build(directory: Path) -> Image:
    image = read(directory)
    image.data.mkdir()
    image.build()
    return image
