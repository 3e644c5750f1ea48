"""This service as it was at another commit, run by this environment's Python."""

import io
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

from bench.services import THE_SERVICE, Service
from testing.service import ROOT


def unpack(commit: str, target: Path) -> Service:
    """Its code, which is no checkout: nothing of it stays with the repository. Exits where there is none."""
    name = _git("rev-parse", "--short", "--verify", f"{commit}^{{commit}}").decode().strip()
    with tarfile.open(fileobj=io.BytesIO(_git("archive", name))) as archive:
        archive.extractall(target, filter="data")
    return replace(THE_SERVICE, name=f"commit {name}", database="service_earlier", home=target)


def _git(*arguments: str) -> bytes:
    ended = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if ended.returncode:
        sys.exit(f"git {' '.join(arguments)}: {ended.stderr.decode().strip()}")
    return ended.stdout
