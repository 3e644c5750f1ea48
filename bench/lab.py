"""The databases of a run, filled, and who is in them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import cast, database, earlier, machine
from bench.cast import Person
from bench.services import THE_SERVICE, THE_SERVICE_WITHOUT_POLICIES, Service, installed_peers, production
from testing.service import MIGRATE, output

USERS: Final = 100
TASKS: Final = 1000


@dataclass(frozen=True, slots=True)
class Lab:
    """The service's own database, and who is in it."""

    own_url: str
    directory: Path
    users: list[Person]
    # By the number of tasks that they are given once the load is over.
    owners: dict[int, Person]
    tasks: dict[str, cast.Tasks]
    about: list[str]

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(user_id, TASKS) for user_id, _ in self.users]


def prepare(server_url: str, directory: Path) -> Lab:
    about = machine.describe(server_url)
    own_url = database.create(server_url, THE_SERVICE.database)
    output(MIGRATE, production(own_url))
    sizes = [int(size) for size in os.environ.get("BENCH_GROWTH", "1000,100000,1000000").split(",")]
    people: list[Person] = [(user_id, token) for user_id, token in inside(own_url, "mint", str(USERS + len(sizes)))]
    users, owners = people[:USERS], dict(zip(sizes, people[USERS:], strict=True))
    database.fill_service(own_url, [(user_id, TASKS) for user_id, _ in users])
    return Lab(own_url, directory, users, owners, cast.known_tasks(own_url, users), about)


def beside(lab: Lab, server_url: str, against: str) -> list[tuple[Service, str]]:
    """The service and what it is measured beside, each with its own database; ``against`` is a commit, or none."""
    found = [(THE_SERVICE, lab.own_url), _without_policies(server_url)]
    if against:
        found.append(_earlier(lab, server_url, against))
    first, *others = installed_peers()
    url = database.create(server_url, first.database)
    database.fill_peer(url, lab.own_url, lab.counts)
    found += [(first, url)]
    return found + [(peer, database.create(server_url, peer.database, template=first.database)) for peer in others]


def add_owners(lab: Lab) -> None:
    database.fill_service(lab.own_url, [(user_id, size) for size, (user_id, _) in lab.owners.items()])


def inside(database_url: str, program: str, argument: str) -> Any:
    """The JSON that a program of bench.inside prints."""
    return json.loads(output(("-m", f"bench.inside.{program}", argument), production(database_url)))


def _without_policies(server_url: str) -> tuple[Service, str]:
    service = THE_SERVICE_WITHOUT_POLICIES
    url = database.create(server_url, service.database, template=THE_SERVICE.database)
    database.switch_policies_off(url)
    return service, url


def _earlier(lab: Lab, server_url: str, commit: str) -> tuple[Service, str]:
    """On a database by that commit's own migrations."""
    service = earlier.unpack(commit, lab.directory / "earlier")
    url = database.create(server_url, service.database)
    output(MIGRATE, production(url), home=service.home)
    database.copy_people(url, lab.own_url)
    database.fill_service(url, lab.counts)
    return service, url
