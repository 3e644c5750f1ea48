"""Becomes a container's process: ``python enter.py begin|join SPEC COMMAND…`` inside namespaces that unshare(1) made.

As Docker does with ``--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges``. Standard library only,
for it runs with the rights of root, of which it gives up all.
"""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
DEVICES: Final = ("null", "zero", "full", "random", "urandom")


def main(manner: str, spec: dict[str, Any], command: list[str]) -> None:
    if manner == "begin":
        furnish(Path(spec["root"]), spec["data"])
    os.chroot(spec["root"])
    os.chdir(spec["directory"])
    give_up(spec["uid"], spec["gid"])
    os.execvpe(command[0], command, spec["env"])  # noqa: S606 - what the container is for


def furnish(root: Path, data: str | None) -> None:
    """Filesystems of this namespace alone, which end with it."""
    mount("--bind", root, root)
    mount("-o", "remount,bind,ro", root)
    mount("-t", "proc", "proc", root / "proc")
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / "tmp")
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", root / "dev")
    for name in DEVICES:
        (root / "dev" / name).touch()
        mount("--bind", Path("/dev", name), root / "dev" / name)
    (root / "dev" / "shm").mkdir()
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / "dev" / "shm")
    if data:
        mount("--bind", data, root / "data")


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


def give_up(uid: int, gid: int) -> None:
    system = ctypes.CDLL(None, use_errno=True)
    # Until it knows no such capability: how many there are is the kernel's to say.
    capability = 0
    while system.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:])
