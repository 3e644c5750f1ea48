"""Has schemathesis send whatever ``openapi.json`` allows, and what it does not, to the real server on PostgreSQL.

``python -m e2e.fuzz SCHEMATHESIS 100``: the program, and how many examples of each operation.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from testing import postgres, service

HERE: Final = Path(__file__).parent
SECRET: Final = "the-shared-secret-of-an-issuer-on-loopback"
# So that they are not what is tested.
ROOMY: Final = "1000000/min"
SETTINGS: Final = {
    "BETTER_AUTH_SECRET": SECRET,
    # Of the subject that is sent, so it may call everything.
    "ADMIN_USER_ID": "fuzzer",
    "AUTH_RATE_LIMIT": ROOMY,
    "API_RATE_LIMIT": ROOMY,
    "CHAT_RATE_LIMIT": ROOMY,
    "MAX_CONVERSATIONS": "0",
    # Written on the terminal, which nobody reads.
    "EMAIL_URL": "console://",
    "MAIL_FROM": "todo@example.com",
    "PUBLIC_URL": "http://localhost:3000",
    "LOG_LEVEL": "WARNING",
}


def main(program: str, examples: str, *arguments: str) -> int:
    binaries = postgres.find_binaries()
    if binaries is None:
        sys.exit("Nothing was sent: PostgreSQL is not installed.")
    with tempfile.TemporaryDirectory() as folder, postgres.cluster(binaries) as url:
        settings = {**SETTINGS, "DATABASE_URL": url}
        service.output(service.MIGRATE, settings)
        log = Path(folder) / "server.log"
        with service.serving(log, settings) as server:
            status = send(program, server.base, Path(folder), "--max-examples", examples, *arguments)
        faults = [line for line in log.read_text().splitlines() if "Traceback" in line or " ERROR " in line]
    print("\n".join(faults[:20]) or "The server's log tells of no error.")
    return status or len(faults)


def send(program: str, base: str, folder: Path, *arguments: str) -> int:
    document = service.ROOT / "openapi.json"
    command = [
        # It is started in another directory.
        str(Path(program).absolute()),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        str(document),
        "--url",
        base,
        *arguments,
    ]
    variables = {"FUZZ_SECRET": SECRET, "SCHEMATHESIS_HOOKS": "e2e.fuzz.hooks", "PYTHONPATH": str(service.ROOT)}
    return subprocess.run(command, cwd=folder, env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
