"""The TypeScript client against the real service, as it is developed and as it is installed."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from e2e.clients.conftest import node
from testing.chaos.place import GENEROUS
from testing.converge.crowd import killing
from testing.postgres import cluster, find_binaries
from testing.service import MIGRATE, Server, output, serving

pytestmark = pytest.mark.once

# Of one that fails the same operations and faults come again.
SEED = 20
STRICT = {
    "strict": True, "noUncheckedIndexedAccess": True, "exactOptionalPropertyTypes": True, "skipLibCheck": False,
    "target": "es2022", "module": "nodenext", "lib": ["es2022", "dom", "dom.iterable"], "types": [],
}  # fmt: skip


def test_its_own_tests(server: Server, typescript: Path) -> None:
    printed = node("node", "--test", "--test-reporter=tap", "test/", home=typescript, TODO_URL=server.base)

    assert int(re.findall(r"^# pass (\d+)$", printed, re.MULTILINE)[-1]) >= 20, printed


def test_its_replicas_come_to_the_same_over_workers_that_are_killed(typescript: Path, tmp_path: Path) -> None:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: replicas are tested over one server alone")
    with cluster(binaries) as url, ExitStack() as stack:
        settings = {**GENEROUS, "DATABASE_URL": url}
        output([*MIGRATE], settings)
        servers = [stack.enter_context(serving(tmp_path / f"{number}.log", settings)) for number in range(2)]
        urls = " ".join(server.base for server in servers)
        with killing(SEED, servers, every_seconds=0.7) as killed:
            printed = node(
                "node", "--test", "--test-reporter=tap", "--test-name-pattern=to the same", "test/replica.test.mjs",
                home=typescript, TODO_URLS=urls, TODO_CLIENTS="20", TODO_EACH="50", TODO_SEED=str(SEED),
            )  # fmt: skip
    assert "1000 operations" in printed
    assert killed


def test_its_types_are_those_of_the_document(typescript: Path) -> None:
    node("node", "generate.mjs", "--check", home=typescript)


def test_the_code_of_its_page_compiles_and_runs_where_it_is_installed(
    server: Server, typescript: Path, tmp_path: Path
) -> None:
    code = re.findall(r"```ts\n(.*?)```", (typescript / "README.md").read_text(), re.DOTALL)[0]
    (tmp_path / "page.ts").write_text(code.replace("http://localhost:8000", server.base))
    (tmp_path / "package.json").write_text(json.dumps({"type": "module", "private": True}))
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "files": ["page.ts"]}))
    packed = node("npm", "pack", "--silent", f"--pack-destination={tmp_path}", home=typescript).split()[-1]
    node("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", f"./{packed}", home=tmp_path)

    node(str(typescript / "node_modules" / ".bin" / "tsc"), "--project", ".", home=tmp_path)

    assert node("node", "page.js", home=tmp_path).startswith("Buy milk\n")
