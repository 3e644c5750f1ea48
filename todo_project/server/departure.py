"""How a server leaves: first it says so, then it serves on for a while, and nobody's request is lost.

What proxies and clients do not learn in time they find out by a connection that is refused, which all of them take for
a reason to ask elsewhere; one that was taken and is then broken off, they do not.
"""

import ctypes
import logging
import mmap
import os
import socket
import struct
from typing import Any, Final

# Beyond DRAIN_SECONDS, while new connections still come: nginx asks nobody for readiness, and for ten seconds, up to
# eleven as it counts whole ones, takes an instance for dead that it found closed, such as the one before this in a
# rolling restart, which may be back at once.
MORE_SECONDS: Final = 7.0
# After that many without a new connection nobody sends any.
QUIET_SECONDS: Final = 1.0
# How long connections that are half made are waited for.
LAST_GUESTS_SECONDS: Final = 0.1
# For clients with kept connections, where another process goes on listening.
RELOAD_SECONDS: Final = 5.0
# Without its master a worker has no place: the next one's must find the port free.
ORPHAN_SECONDS: Final = 0.4
SO_ATTACH_FILTER: Final = 26
# Classic BPF over the TCP header: of packets that would begin a connection (SYN) none, of others all.
NO_SYN: Final = ((0x30, 0, 0, 13), (0x45, 0, 1, 2), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))

# Of the master and all its workers: made before they are forked.
_leaving: Final = mmap.mmap(-1, 1)


def announce(server: Any) -> None:
    """The master has been told to stop, and passes it on; to its own workers alone where another master, or systemd,
    keeps the port.
    """
    _leaving[0] = not (server.reexec_pid or server.master_pid or server.systemd)


def is_announced() -> bool:
    return bool(_leaving[0])


def close_door(listener: socket.socket) -> None:
    """Lets nobody new in, before it is closed: whose connection is made by then but not taken would be reset.

    The kernel then drops their first packet, which they send again after a second.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in NO_SYN))
    filter_ = struct.pack("HL", len(NO_SYN), ctypes.addressof(program))
    try:
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)
    except OSError:
        # No such filters here: a connection may be lost that comes in the same moment.
        return


def vanish() -> None:
    """Ends the process without waiting for threads, some of which wait for somebody, and without tidying up what the
    kernel does by itself.
    """
    logging.shutdown()
    os._exit(0)
