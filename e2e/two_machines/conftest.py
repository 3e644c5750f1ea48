"""The whole of deploy/compose but for its containers, with the roles that it makes."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
import pytest

from testing import postgres, redis_server
from testing.postgres import Cluster
from testing.service import MIGRATE, output
from testing.two_machines.front import COMPOSE, Database, Front, Place, database_pooled, needed, serving_twice

PASSWORD: Final = "of-the-service"
OWNER_PASSWORD: Final = "of-who-migrates"
ROOMY: Final = "1000000/min"
SETTINGS: Final = {
    "AUTH_RATE_LIMIT": ROOMY,
    "API_RATE_LIMIT": ROOMY,
    "CHAT_RATE_LIMIT": ROOMY,
    "DRAIN_SECONDS": "5",
}


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    binaries = postgres.find_binaries()
    assert binaries, "PostgreSQL is not installed"
    needed("redis-server")
    with postgres.own_cluster(binaries) as cluster, redis_server.running() as redis_url:
        output(MIGRATE, {"DATABASE_URL": _make_roles(cluster, binaries)})
        with database_pooled(Database(cluster.port, "todo", "todo", PASSWORD)) as database_url:
            own = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
            with serving_twice(Place(tmp_path_factory.mktemp("two"), own | SETTINGS)) as front:
                yield front


def _make_roles(cluster: Cluster, binaries: Path) -> str:
    """As compose's database does at its first start; the URL of who migrates."""
    with psycopg.connect(cluster.url_of("postgres"), autocommit=True) as superuser:
        superuser.execute("ALTER ROLE todo RENAME TO of_the_tests")
    variables = {
        "POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres", "PGPASSWORD": cluster.password, "PGHOST": "127.0.0.1",
        "PGPORT": str(cluster.port), "TODO_PASSWORD": PASSWORD, "OWNER_PASSWORD": OWNER_PASSWORD,
        "BACKUP_PASSWORD": "of-the-backup", "PATH": f"{binaries}:{os.environ['PATH']}",
    }  # fmt: skip
    subprocess.run([COMPOSE / "postgres" / "roles.sh"], env=os.environ | variables, check=True)
    return f"postgresql://todo_owner:{quote(OWNER_PASSWORD)}@127.0.0.1:{cluster.port}/todo"
