"""A Python that has loaded what the service takes from others, and nothing of the service: each start is a fork of it.

A program of its own, which knows nothing else of the project: it gets its end of a channel and the names of what to
load. Each message on the channel is what to run, with four descriptors: input, output, errors, and one to tell how it
ends.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import socket
import sys
from pathlib import Path
from typing import Any

DESCRIPTORS = 4


def serve(channel: socket.socket) -> dict[str, Any]:
    """Returns in each process that is to run something, with what; in this one never."""
    watched = selectors.DefaultSelector()
    watched.register(channel, selectors.EVENT_READ)
    while True:
        for key, _ in watched.select():
            if key.fileobj is not channel:
                _tell_end(watched, key)
            elif (order := _receive(channel, watched)) is not None:
                return order


def _receive(channel: socket.socket, watched: selectors.BaseSelector) -> dict[str, Any] | None:
    message, descriptors, _, _ = socket.recv_fds(channel, 1 << 20, DESCRIPTORS)
    if not message:
        # Whoever runs the tests has gone.
        sys.exit()
    *streams, end = descriptors
    teller = socket.socket(fileno=end)
    if pid := os.fork():
        for stream in streams:
            os.close(stream)
        teller.send(str(pid).encode())
        watched.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, teller))
        return None
    teller.close()
    _leave(channel, watched)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    order: dict[str, Any] = json.loads(message)
    return order


def _tell_end(watched: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    pid, teller = key.data
    watched.unregister(key.fileobj)
    os.close(key.fd)
    _, status = os.waitpid(pid, 0)
    with teller:
        try:
            teller.send(str(os.waitstatus_to_exitcode(status)).encode())
        except BrokenPipeError:
            # Nobody asks any more.
            return


def _leave(channel: socket.socket, watched: selectors.BaseSelector) -> None:
    """A fork keeps nothing of this one's open."""
    for key in list(watched.get_map().values()):
        if key.data:
            os.close(key.fd)
            key.data[1].close()
    watched.close()
    channel.close()


def become(order: dict[str, Any]) -> None:
    """What Python does before it runs a program."""
    os.chdir(order["home"])
    os.environ.clear()
    os.environ.update(order["variables"])
    sys.path.insert(0, str(Path.cwd()))
    # Anew, for they were opened for other files.
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, "w" if number else "r", buffering, stream.encoding, stream.errors, closefd=False)
        for number, stream, buffering in ((0, sys.stdin, -1), (1, sys.stdout, -1), (2, sys.stderr, 1))
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc] # Python does
    sys.argv = order["arguments"]


def _hash_quickly() -> None:
    """The real algorithm with its fewest rounds, as within the tests: a real hash takes a quarter of a second of the
    processor, and on a busy machine longer than an answer may.
    """
    hashers = importlib.import_module("django.contrib.auth.hashers")
    hashers.BCryptSHA256PasswordHasher.rounds = 4


def main() -> None:
    # This file's folder.
    del sys.path[0]
    for name in sys.argv[2:]:
        importlib.import_module(name)
    _hash_quickly()
    gc.collect()
    # Pages that nobody writes to are shared.
    gc.freeze()
    try:
        order = serve(socket.socket(fileno=int(sys.argv[1])))
    except KeyboardInterrupt:
        # Whoever runs the tests says so, and what has been started hears it too.
        sys.exit(130)
    become(order)
    if sys.argv[0] == "-m":
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
