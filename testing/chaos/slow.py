"""Many slow clients in a process of their own:  python -m testing.chaos.slow KIND PORT COUNT [TOKEN PATH]

Prints how long each was borne, as JSON: seconds until the other side ended it, null where it never did.
"""

import asyncio
import json
import socket
import sys
import time
from typing import Final

HOST: Final = b"Host: localhost\r\n"
BODY: Final = b"POST /api/auth/login HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n"
# What is sent once, and what is sent byte by byte after it.
KINDS: Final = {
    "silent": (b"", False),
    "header byte by byte": (b"GET /health HTTP/1.1\r\nX-Slow: ", True),
    "header, then silence": (b"GET /health HTTP/1.1\r\nX-Slow: a", False),
    "body byte by byte": (BODY, True),
    "body in chunks": (BODY.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked") + b"fffff\r\n", True),
    "body, then silence": (BODY, False),
}
READERS: Final = "answer not read"
BETWEEN_BYTES_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 45.0


async def borne(kind: str, port: int, request: bytes) -> float | None:
    begun = time.monotonic()
    connection = socket.socket()
    if kind == READERS:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, ("127.0.0.1", port))
    first, drips = (request, False) if kind == READERS else KINDS[kind]
    await loop.sock_sendall(connection, first)
    try:
        while time.monotonic() - begun < LONGEST_SECONDS:
            if await _has_ended(loop, connection, reads=kind != READERS):
                return time.monotonic() - begun
            if drips:
                await loop.sock_sendall(connection, b"a")
    except OSError:
        return time.monotonic() - begun
    finally:
        connection.close()
    return None


async def _has_ended(loop: asyncio.AbstractEventLoop, connection: socket.socket, *, reads: bool) -> bool:
    if not reads:
        # A reset is told without reading; what is waiting to be read stays there.
        await asyncio.sleep(BETWEEN_BYTES_SECONDS)
        return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0 or _is_closed(connection)
    try:
        await asyncio.wait_for(loop.sock_recv(connection, 65536), BETWEEN_BYTES_SECONDS)
    except TimeoutError:
        return False
    # An answer, or the end: either way nobody waits for us any more.
    return True


def _is_closed(connection: socket.socket) -> bool:
    # tcp_info begins with the state: 1 is ESTABLISHED.
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != 1


async def main(kind: str, port: int, count: int, request: bytes) -> list[float | None]:
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(borne(kind, port, request)))
        # As many as a listener's backlog takes.
        await asyncio.sleep(0.001)
    print("open", flush=True)
    return await asyncio.gather(*tasks)


if __name__ == "__main__":
    named, at, many, *rest = sys.argv[1:]
    asked = b""
    if rest:
        asked = f"GET {rest[1]} HTTP/1.1\r\nAuthorization: {rest[0]}\r\n".encode() + HOST + b"\r\n"
    print(json.dumps(asyncio.run(main(named, int(at), int(many), asked))))
