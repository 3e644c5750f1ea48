import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from e2e.image.build import Image, built
from e2e.image.container import Container, running

PROGRAMS = ("buildah", "debootstrap", "unshare", "nsenter")
Run = Callable[..., AbstractContextManager[Container]]


@pytest.fixture(scope="session")
def image(say: Callable[[str], None]) -> Iterator[Image]:
    if os.geteuid() != 0:
        pytest.fail("Only root may make filesystems and namespaces: sudo make image-test")
    missing = [program for program in PROGRAMS if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")]
    if missing:
        pytest.fail(f"Not installed: {', '.join(missing)} (Debian: apt-get install buildah debootstrap)")
    begun = time.monotonic()
    # Not pytest's own: nobody else may enter those.
    with TemporaryDirectory() as place, built(Path(place)) as image:
        Path(place).chmod(0o711)
        own = image.megabytes - image.megabytes_of_base
        say(f"built in {time.monotonic() - begun:.0f} s: {image.megabytes} MB, of which the Dockerfile adds {own} MB")
        yield image


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """A line that is seen whatever pytest captures."""
    manager = request.config.pluginmanager.getplugin("capturemanager")
    assert manager is not None

    def line(text: str) -> None:
        with manager.global_and_fixture_disabled():
            print(f"\n  {text}", end=" ", flush=True)

    return line


@pytest.fixture
def volume(image: Image) -> Iterator[Path]:
    """A new named volume: as Docker makes one, it belongs to whom the image's folder belongs."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        like = (image.root / "data").stat()
        os.chown(folder, like.st_uid, like.st_gid)
        folder.chmod(like.st_mode)
        yield folder


@pytest.fixture
def run(image: Image, tmp_path: Path) -> Run:
    """``run(user=(1000, 1000), data=volume, NAME="value")``"""
    return partial(running, image, tmp_path / "log")
