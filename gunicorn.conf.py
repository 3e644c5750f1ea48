"""gunicorn reads this by itself: `gunicorn todo_project.wsgi` needs no flags.

Importing ``env`` checks every setting, so a bad one ends the start with one line.
"""

import ctypes
import gc
import importlib
import os
import resource
import socket
import sys
from datetime import UTC, datetime

from django.conf import settings
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from assistant.providers import choosing
from assistant.understanding import understand
from core import processors
from core.telemetry import metrics
from todo_project import row_security
from todo_project.env import database_files, values
from todo_project.server import access_log, departure, metrics_port, tracing

_env = values.load()
_host = f"[{_env.host}]" if ":" in _env.host else _env.host

try:
    socket.getaddrinfo(_env.host, _env.port)
except OSError as error:
    sys.exit(f"Configuration error: HOST cannot be resolved ({error.strerror}).")

# glibc gives each thread an arena that keeps what a long list once needed; two serve eight threads as
# fast (mallopt(3), M_ARENA_MAX). Other C libraries have no such call, nor the need.
if hasattr(_libc := ctypes.CDLL(None), "mallopt"):
    _libc.mallopt(-8, 2)
    # A long list takes and gives back a few times its size: kept, its pages need not be cleared by the kernel anew for
    # each (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD).
    _libc.mallopt(-1, 4 * 1024 * 1024)
    _libc.mallopt(-3, 1024 * 1024)

bind = f"{_host}:{_env.port}"
worker_class = "todo_project.server.worker.EdgeWorker"
# Each worker is a process with its own database pool.
workers = _env.web_concurrency or min(4, max(2, os.cpu_count() or 2))
threads = values.WORKER_THREADS
# The C parser; without it gunicorn would fall back to Python silently.
http_parser = "fast"
# The workers share the loaded code, and an error at import shows once; for `make dev` each loads its own.
preload_app = "--reload" not in sys.argv
timeout = 60
# For the answers that are under way when nobody new is let in.
ANSWER_SECONDS = 30
graceful_timeout = _env.drain_seconds + int(departure.MORE_SECONDS) + ANSWER_SECONDS
# A client that is slow or idle costs a few kilobytes and no thread.
worker_connections = 10_000
# Files too are sent by whoever waits for nobody.
sendfile = False
# Longer than the idle timeout of the usual proxies, so that they close first.
keepalive = 75
# None of its own: server/heads.py knows it.
limit_request_line = 0
# A token of 8 kB is the authenticator's to refuse, with a problem document.
limit_request_field_size = 16_380
# Who the client is and whether it used https is decided by TRUSTED_PROXIES alone, and where the service hangs by
# nobody: any client may send SCRIPT_NAME, and a proxy passes it on.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - the heartbeat file; a disk may block
logger_class = access_log.JSONLogger if _env.telemetry.log_format == "json" else access_log.Logger
accesslog = "-"
loglevel = _env.log_level.lower()


if _env.telemetry.has_metrics:
    metrics_port.make_files()

_open_files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(_open_files[1], 2 * worker_connections), _open_files[1]))


def on_starting(server: Arbiter) -> None:
    server.handle_term = lambda: _leave(server)
    if server.cfg.is_ssl:
        sys.exit("Configuration error: TLS is the proxy's in front; the service itself speaks plain HTTP.")
    if _env.cpu_affinity and not processors.usable():
        sys.exit("Configuration error: CPU_AFFINITY: this system keeps no process to a processor.")
    if why := database_files.trouble(settings.DATABASES["default"]):
        sys.exit(why)
    # A server that takes over from another inherits its sockets.
    if "GUNICORN_FD" not in os.environ and "LISTEN_FDS" not in os.environ:
        _check_address()
    if _env.telemetry.metrics_port:
        metrics_port.open_door(_env.host, _env.telemetry.metrics_port)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    if _env.telemetry.has_metrics:
        metrics.forget_process(worker.pid)


def on_exit(server: Arbiter) -> None:
    # Another master may go on with them.
    if _env.telemetry.has_metrics and not (server.reexec_pid or server.master_pid):
        metrics_port.remove_files()


def _leave(server: Arbiter) -> None:
    departure.announce(server)
    Arbiter.handle_term(server)


def _check_address() -> None:
    """gunicorn itself would try five times, with two lines each, and say nothing of PORT."""
    family, kind, protocol, _, address = socket.getaddrinfo(_env.host, _env.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            sys.exit(f"Configuration error: PORT {_env.port} cannot be had ({error.strerror}); another: PORT=9000.")


def pre_fork(server: Arbiter, worker: Worker) -> None:
    worker.processor = None
    # With fewer processes than processors another service would choose the same ones, and the rest would idle.
    is_full = server.num_workers >= len(processors.usable()) > 1
    if is_full if _env.cpu_affinity is None else _env.cpu_affinity:
        worker.processor = processors.least_taken(
            [getattr(other, "processor", None) for other in server.WORKERS.values()]
        )


def post_fork(server: Arbiter, worker: Worker) -> None:
    if worker.processor is not None:
        try:
            processors.keep_to(worker.processor)
        except OSError as error:
            server.log.warning("A worker cannot be kept to one processor (%s)", error.strerror)
    if not server.cfg.reload:
        return
    # What this file has loaded is as old as the master. The server's own code stays that old.
    ours = {package.parent.name for package in values.BASE_DIR.glob("*/__init__.py")}
    for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
        del sys.modules[name]


def post_worker_init(_worker: Worker) -> None:
    metrics_port.serve()
    if _env.telemetry.otlp_endpoint:
        tracing.start(_env.telemetry.otlp_endpoint)
    # Looking for cycles after every 700 objects cost a tenth of a request's time; the few that requests
    # leave are small. What was loaded before is never looked at again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def when_ready(server: Arbiter) -> None:
    # Before the fork, so that the workers share them: all views, which Django looks for at the first request; the
    # model's client library, 24 MB, and Redis's, whose connections come later; and the patterns of the built-in
    # assistant, which take a tenth of a second.
    state = "unknown"
    if server.cfg.preload_app:
        importlib.import_module(settings.ROOT_URLCONF)
        choosing.configured()
        if settings.REDIS_URL:
            importlib.import_module("core.limits.in_redis")
        understand("", datetime.now(UTC))
        state = row_security.state_at_start()
    if _env.telemetry.otlp_endpoint and tracing.missing():
        sys.exit(f"Configuration error: OTEL_EXPORTER_OTLP_ENDPOINT needs more packages: {tracing.missing()}")
    name = "localhost" if _env.host in ("0.0.0.0", "::", "127.0.0.1", "::1") else _host  # noqa: S104 - what to type
    base = f"http://{name}:{_env.port}"
    server.log.info(
        "Serving %s  documentation %s/docs  staff site %s/admin/  row security: %s", base, base, base, state
    )
    if warning := row_security.WARNINGS.get(state):
        server.log.warning(warning)
