"""python -m testing.chaos.prober PORT PATH PAUSE: asks again and again until its input ends, then prints what it got.

A process of its own, whose clock nobody else's work holds up.
"""

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple

from testing.chaos.load import Answered, Client, Record, probe


@contextmanager
def probing(port: int, path: str, pause: float = 0.1) -> Iterator[Record]:
    """Filled when the block ends."""
    command = [sys.executable, "-m", "testing.chaos.prober", str(port), path, str(pause)]
    record = Record()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "open\n"
            yield record
        finally:
            printed, _ = process.communicate()
            record.answers += [Answered(*fields) for fields in json.loads(printed)]


def main(port: int, path: str, pause: float) -> None:
    client = Client(port, {}, probe(path), keep=False)
    client.pause = pause
    print("open", flush=True)
    client.start()
    select.select([sys.stdin], [], [])
    client.stop()
    print(json.dumps([astuple(answer) for answer in client.record.answers]))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
