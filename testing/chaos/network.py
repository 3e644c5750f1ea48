"""A way to PostgreSQL that can be cut so that packets vanish: a network namespace of its own, with a relay in it."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from testing.postgres import Cluster
from testing.service import stopping, wait_until

PORT: Final = 5432


def why_not() -> str | None:
    if os.geteuid() != 0:
        return "only root makes networks"
    if shutil.which("ip") is None:
        return "no ip command"
    tried = subprocess.run(["ip", "netns", "add", "todo-try"], capture_output=True, check=False)
    if tried.returncode:
        return "no network namespaces here"
    _ip("netns", "delete", "todo-try")
    return None


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    space: str

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing arrives any more, and nobody is told."""
        _ip("-n", self.space, "link", "set", "inside", "down")
        try:
            yield
        finally:
            _ip("-n", self.space, "link", "set", "inside", "up")


@contextmanager
def link_to(cluster: Cluster) -> Iterator[Link]:
    name = f"todo-{secrets.token_hex(3)}"
    net = f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(250)}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", name, "type", "veth", "peer", "name", "inside", "netns", name)
        _ip("address", "add", f"{net}.1/24", "dev", name)
        _ip("link", "set", name, "up")
        _ip("-n", name, "address", "add", f"{net}.2/24", "dev", "inside")
        _ip("-n", name, "link", "set", "inside", "up")
        command = [sys.executable, "-m", "testing.chaos.relay", f"{net}.2", str(PORT), str(cluster.socket)]
        relay = subprocess.Popen(["ip", "netns", "exec", name, *command], stdout=subprocess.PIPE, text=True)
        with stopping(relay):
            assert relay.stdout
            wait_until(lambda: bool(relay.stdout and relay.stdout.readline()))
            parts = urlsplit(cluster.url)
            where = f"{parts.username}:{parts.password}@{net}.2:{PORT}"
            yield Link(urlunsplit(parts._replace(netloc=where)), name)
    finally:
        # Its interfaces go with it.
        _ip("netns", "delete", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
