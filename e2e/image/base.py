"""The base image's stand-in, from Debian's packages: its Python with the names and headers of the official image."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from testing.service import ROOT

CACHE: Final = ROOT / ".image"
SUITE: Final = "trixie"
PACKAGES: Final = "ca-certificates,python3,python3-pip,python3-venv"
# The headers alone: their package would bring a compiler's libraries, which the official image has not.
FINISH: Final = """
set -eu
cd /tmp
apt-get update -qq
apt-get download -qq -o APT::Sandbox::User=root "libpython$VERSION-dev"
dpkg-deb --fsys-tarfile libpython*.deb | tar --extract --directory / ./usr/include
ln -s /usr/bin/python3 /usr/local/bin/python
ln -s /usr/bin/pip3 /usr/local/bin/pip
rm /usr/lib/python3*/EXTERNALLY-MANAGED
rm -rf /tmp/* /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/log/*.log
rm -rf /usr/share/doc/* /usr/share/man/* /etc/resolv.conf /etc/hostname
python --version
"""


def name() -> str:
    """What the Dockerfile starts from, in both stages."""
    [found] = set(re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    return str(found)


def archive() -> Path:
    """A tar of the tree, made once for each such name."""
    version = name().removeprefix("python:").removesuffix("-slim")
    target = CACHE / f"{SUITE}-python{version}.tar"
    if not target.exists():
        CACHE.mkdir(exist_ok=True)
        # Packages need devices and set-uid bits, which a machine's /tmp may refuse.
        with TemporaryDirectory(dir=CACHE) as tree:
            _make(Path(tree), version)
            # One that was cut short has another name.
            unfinished = target.with_suffix(".part")
            subprocess.run(["tar", "--create", "--one-file-system", "--file", unfinished, "-C", tree, "."], check=True)
            unfinished.rename(target)
    return target


def _make(tree: Path, version: str) -> None:
    # That of Docker's images; a temporary folder is its user's alone.
    tree.chmod(0o755)
    _run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(tree), *_mirror()])
    said = _run(["chroot", str(tree), "sh", "-c", FINISH], VERSION=version)
    assert f"Python {version}." in said, f"Debian {SUITE} has another Python than {name()}: {said}"


def _mirror() -> list[str]:
    """The one that this machine has its own packages from; without one of Debian's, debootstrap's choice."""
    if not shutil.which("apt-get"):
        return []
    wanted = ["Created-By: Packages", "Origin: Debian", "Label: Debian"]
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted], capture_output=True, text=True, check=True
    ).stdout.split()
    return found[:1]


def _run(command: list[str], **settings: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, "LC_ALL": "C", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", **settings},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout
