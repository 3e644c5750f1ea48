"""Where the service listens, and under which names and for whose pages it answers."""

from typing import Any, Final

from todo_project.env import reader as parse
from todo_project.env.reader import EnvError, Reader

DEVELOPMENT_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
# Where the usual tools serve a page that is being made: Next.js, Vite, Vue, Angular, Expo.
LOCAL_ORIGINS: Final = tuple(f"http://localhost:{port}" for port in (3000, 5173, 8080, 4200, 8081))


def read_addresses(reader: Reader, environment: str) -> dict[str, Any]:
    allowed_hosts = reader.read(parse.hosts, "ALLOWED_HOSTS")
    if environment == "production" and not allowed_hosts:
        raise EnvError("ALLOWED_HOSTS is required in production: the host names clients use.")
    if environment == "production" and "*" in (allowed_hosts or ()):
        raise EnvError("ALLOWED_HOSTS must not contain * in production.")
    return {
        "allowed_hosts": allowed_hosts or DEVELOPMENT_HOSTS,
        # An empty JSON list means none.
        "allowed_origins": parse.default(
            reader.read(parse.readers, "ALLOWED_ORIGINS", "CORS_ORIGINS", "CORS_ALLOWED_ORIGINS"),
            LOCAL_ORIGINS if environment == "development" else LOCAL_ORIGINS[:1],
        ),
        "csrf_trusted_origins": reader.read(parse.origins, "CSRF_TRUSTED_ORIGINS") or (),
        "host": reader.read(parse.address, "HOST") or "0.0.0.0",  # noqa: S104 - the documented default
        "port": reader.read(parse.integer(1, 65_535), "PORT") or 8000,
        # gunicorn's own variable: how many worker processes.
        "web_concurrency": reader.read(parse.integer(1, 1000), "WEB_CONCURRENCY"),
        "cpu_affinity": reader.read(parse.boolean, "CPU_AFFINITY"),
        "drain_seconds": parse.default(reader.read(parse.integer(0, 600), "DRAIN_SECONDS"), 5),
        "trusted_proxies": reader.read(parse.integer(0, 20), "TRUSTED_PROXIES") or 0,
    }
