"""A program that starts as a fork of the warm interpreter is one like any other."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from testing import service
from testing.service import ROOT, answering, environment, free_port, run
from testing.warm_starts import processes
from testing.warm_starts.processes import Process
from todo_project.env import values

pytestmark = pytest.mark.once

PACKAGES = {file.parent.name for file in ROOT.glob("*/__init__.py")}
# What Python tells about itself: the same, warm or cold.
TOLD = """
import json, os, signal, sys
given = sys.stdin.read()
handlers = [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM)]
print(json.dumps([
    sys.argv, sys.path, os.getcwd(), dict(os.environ), given, handlers, __name__, sorted(os.listdir("/proc/self/fd")),
    [(stream.encoding, stream.errors, stream.line_buffering) for stream in (sys.stdin, sys.stdout, sys.stderr)],
]))
"""
SERVER = """
import http.server, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
print("begun", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def cold(arguments: Sequence[str], home: Path, typed: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=home, env=environment({"PORT": "9"}), input=typed, capture_output=True,
        check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("arguments", [("manage.py", "one", "two words"), ("-m", "told", "one")])
def test_it_finds_what_a_cold_one_finds(home: Path, arguments: tuple[str, ...]) -> None:
    (home / "manage.py").write_text(TOLD)
    (home / "told.py").write_text(TOLD)

    warm = run(arguments, {"PORT": "9"}, home=home, typed="tyðed\n".encode())

    assert (warm.returncode, warm.stderr) == (0, "")
    assert json.loads(warm.stdout) == json.loads(cold(arguments, home, "tyðed\n".encode()).stdout)


@pytest.mark.parametrize(
    ("program", "status", "said"),
    [
        ("import sys; sys.exit('one line')", 1, "one line\n"),
        ("import sys; sys.exit(75)", 75, ""),
        ("import atexit, sys; atexit.register(lambda: sys.stderr.write('last'))", 0, "last"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
    ],
)
def test_it_ends_as_a_cold_one(home: Path, program: str, status: int, said: str) -> None:
    (home / "manage.py").write_text(program)

    for done in (run(("manage.py",), {}, home=home), cold(("manage.py",), home)):
        assert (done.returncode, done.stderr) == (status, said)


def test_what_nobody_caught_is_told_and_fails(home: Path) -> None:
    (home / "manage.py").write_text("def act():\n    raise LookupError('gone')\n\n\nact()\n")

    done = run(("manage.py",), {}, home=home)

    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("LookupError: gone\n")


def test_none_of_the_service_is_loaded_before_and_one_leaves_nothing_to_the_next(home: Path) -> None:
    (home / "manage.py").write_text(
        "import json, sys\n"
        "from django.conf import settings\n"
        "print(json.dumps([settings.configured, hasattr(sys, 'mark'), sorted(sys.modules)]))\n"
        "sys.mark = True\n"
    )
    for _ in range(2):
        configured, marked, loaded = json.loads(run(("manage.py",), {}, home=home).stdout)

        assert (configured, marked) == (False, False)
        # It is warm.
        assert "django.db.models" in loaded
        assert {name.partition(".")[0] for name in loaded} & PACKAGES == set()


@pytest.mark.parametrize("name", ["PYTHONWARNINGS", "TZ", "LANG"])
def test_what_python_reads_first_has_it_start_cold(name: str) -> None:
    variables = environment({})

    assert processes.interpreter_for(("manage.py",), variables)
    assert processes.interpreter_for(("manage.py",), variables | {name: "error"}) is None
    assert processes.interpreter_for(("-c", "pass"), variables) is None


def test_a_setting_does_not(home: Path) -> None:
    variables = environment({})
    assert all(processes.interpreter_for(("-m", "x"), variables | {name: "x"}) for name in values.names())


@pytest.fixture
def server(home: Path) -> Iterator[service.Server]:
    (home / "served.py").write_text(SERVER)
    port = free_port()
    command = [sys.executable, "-m", "served", str(port)]
    with answering(command, port, home / "log", environment({}), home=home) as running:
        yield running


def test_a_server_is_told_to_stop_and_says_how_it_ended(server: service.Server) -> None:
    process = server.process
    assert isinstance(process, Process)
    assert server.log.read_text().startswith("begun\n")
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)

    process.terminate()

    assert process.wait(service.STOP_SECONDS) == process.poll() == process.returncode == -signal.SIGTERM
    # Nothing is left of it, not even for its parent to fetch; and nobody else is sent a signal.
    assert not Path(f"/proc/{process.pid}").exists()
    process.kill()


def test_what_takes_too_long_is_ended(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RUN_SECONDS", 0.5)
    (home / "manage.py").write_text("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n")
    # The interpreter itself takes a moment.
    assert processes.interpreter_for(("manage.py",), environment({}))

    with pytest.raises(subprocess.TimeoutExpired):
        run(("manage.py",), {}, home=home)

    assert not (home / "pid").exists() or not Path("/proc", (home / "pid").read_text()).exists()
