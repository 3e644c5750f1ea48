"""A morning of support on the staff site, in a real browser on the real server, PostgreSQL and mail server."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest

from e2e.frontends.browser import find_chromium
from testing.mail_server import MailServer, token_of
from testing.postgres import cluster, find_binaries
from testing.service import MIGRATE, ROOT, Server, environment, output, serving

pytestmark = pytest.mark.once

HERE: Final = Path(__file__).parent
SECONDS: Final = 240
ADMIN, PASSWORD = "staff@example.com", "correct horse battery"
USERS, TASKS = 100, 1000


class Morning:
    def __init__(self, report: Any, server: Server, mail: MailServer, person: dict[str, str]) -> None:
        self.report, self.server, self.mail, self.person = report, server, mail, person


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """Of what ``drive.mjs`` did and saw; its screenshots lie where ``STAFF_SHOTS`` says."""
    chromium, node, binaries = find_chromium(), shutil.which("node"), find_binaries()
    if chromium is None or node is None or binaries is None:
        if os.environ.get("CI"):
            pytest.fail("The tests of the staff site need Chromium, Node and PostgreSQL.")
        pytest.skip("Chromium, Node and PostgreSQL are not all installed")
    home = tmp_path_factory.mktemp("staff")
    with cluster(binaries) as url, MailServer() as mail:
        known = {
            "DATABASE_URL": url, "EMAIL_URL": mail.url, "MAIL_FROM": "todo@todo.example", "AUTH_RATE_LIMIT": "100/min",
            "PUBLIC_URL": "https://app.example.com", "DJANGO_SUPERUSER_PASSWORD": PASSWORD, "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        output([*MIGRATE], known)
        output(["manage.py", "createsuperuser", "--noinput", f"--email={ADMIN}"], known)
        # 100,000 tasks take half a minute, and longer on a machine that has much else to do.
        made = subprocess.run(
            [sys.executable, "manage.py", "demo", f"--users={USERS}", f"--tasks={TASKS}"],
            cwd=ROOT, env=environment(known), capture_output=True, text=True, timeout=SECONDS, check=True,
        )  # fmt: skip
        login = re.search(r"Log in as (\S+) with the password (\S+) ", made.stdout)
        assert login, made.stderr
        with serving(home / "service.log", known) as server:
            person = {"email": login[1], "password": login[2]}
            report = _drive(node, chromium, server, home, person)
            yield Morning(report, server, mail, person)


def _drive(node: str, chromium: str, server: Server, home: Path, person: dict[str, str]) -> Any:
    _, _, body = server.send("/api/auth/login", json.dumps(person).encode(), Content_Type="application/json")
    pair = json.loads(body)
    config = {"admin": ADMIN, "password": PASSWORD, "token": pair["access_token"], "email": person["email"]}
    config["part"] = person["email"].partition("@")[0]
    shots = os.environ.get("STAFF_SHOTS", str(home))
    driven = subprocess.run(
        [node, "drive.mjs", server.base, chromium, shots, json.dumps(config)],
        cwd=HERE, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert driven.returncode == 0, driven.stderr
    return json.loads(driven.stdout)


def test_all_that_was_done_took_effect(morning: Morning) -> None:
    told = dict(morning.report["told"])

    assert told.pop("codes") == 10
    assert (told.pop("before"), told.pop("after")) == (200, 401)
    assert told.pop("logged") > 20
    assert told == dict.fromkeys(("ended", "disabled", "enabled", "sent", "completed"), True)


def test_the_link_that_was_sent_sets_a_password(morning: Morning) -> None:
    mail = morning.mail.wait_for(1)[0]
    assert mail["To"] == morning.person["email"]
    body = {"token": token_of(mail), "password": "a new good phrase"}

    status, _, _ = morning.server.send(
        "/api/auth/password/reset", json.dumps(body).encode(), Content_Type="application/json"
    )

    assert status == 200
    login = {"email": morning.person["email"], "password": "a new good phrase"}
    assert morning.server.send("/api/auth/login", json.dumps(login).encode(), Content_Type="application/json")[0] == 200


def test_the_log_was_taken_along(morning: Morning) -> None:
    rows = list(csv.DictReader(StringIO(morning.report["csv"], newline="")))

    kinds = {row["kind"] for row in rows}
    assert kinds >= {"signup", "sessions_ended", "user_disabled", "user_enabled", "password_reset", "task_changed"}
    assert len({row["id"] for row in rows}) == len(rows)


def test_no_request_leaves_the_host_and_nothing_goes_wrong(morning: Morning) -> None:
    assert morning.report["foreign"] == []
    assert morning.report["errors"] == []


def test_nothing_stands_in_anybodys_way(morning: Morning) -> None:
    assert morning.report["barriers"] == []


def test_the_pages_fit_their_window(morning: Morning) -> None:
    assert {name: pixels for name, pixels in morning.report["overflow"].items() if pixels > 0} == {}
