"""Whose code is changed, and whose tests must notice.

Left alone is what no test of the app itself can notice on SQLite: code that only PostgreSQL runs, and code that only
shapes the OpenAPI document, which `make check` compares with `openapi.json`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from testing.mutation.mutants import Mutant, mutants_of


@dataclass(frozen=True)
class Area:
    name: str
    code: list[str]
    tests: list[str]
    # Patterns of those among them that are about something else.
    apart: tuple[str, ...] = ()


# core knows no app, so what it makes of requests and answers is seen through the apps' endpoints.
TESTS_OF_CORE = [
    "accounts/tests/test_count_calls.py",
    "accounts/tests/test_limit_logins.py",
    "accounts/tests/test_prune.py",
    "accounts/tests/test_read_me.py",
    "tasks/tests/test_cap_tasks.py",
    "tasks/tests/test_create_task.py",
    "tasks/tests/test_list_tasks.py",
    "tasks/tests/test_replay_creations.py",
    "tasks/tests/test_walk_orders.py",
    "tasks/tests/test_walk_pages.py",
    "todo_project/tests/test_cors.py",
    "todo_project/tests/test_general.py",
    "todo_project/tests/test_negotiate.py",
    "todo_project/server/tests/test_prune_daily.py",
    "todo_project/tests/test_problems.py",
    "todo_project/tests/test_send_forms.py",
    "todo_project/tests/test_send_patches.py",
]

# What a person's words mean is another room's, by some thousand sentences that all go through a turn: whoever lets a
# change of the turn pass would have to wait for each of them.
TESTS_OF_MEANING = ("*/test_understand_*.py", "*/test_meet_quirks.py")

AREAS = [
    # A session of Better Auth is looked up where the settings name its database.
    Area("accounts", ["accounts"], ["accounts/tests", "todo_project/tests/test_look_up_sessions.py"]),
    Area("tasks", ["tasks"], ["tasks/tests"]),
    Area("core", ["core"], ["core/tests", *TESTS_OF_CORE]),
    Area(
        "the turn",
        ["assistant/turn", "assistant/tools", "assistant/services.py"],
        ["assistant/tests"],
        TESTS_OF_MEANING,
    ),
]

NOT_RULES = [
    "*/tests/*",
    "*/migrations/*",
    "*/schema.py",
    "*/openapi.py",  # what the API's document says of the code
    "core/rest/openapi/*",
    "tasks/management/*",  # people and tasks to try the service out
    "core/sql/postgresql/*",
    "core/sql/replica/reading.py",
    "core/sql/replica/watching.py",
    "tasks/single_edits.py",  # PostgreSQL's as well
    "core/management/commands/distribute.py",  # Citus'
]

# What a module has for PostgreSQL alone.
ONLY_ON_POSTGRESQL = {
    "assistant/turn/talk.py": {"let_connection_go"},  # in a test's transaction there is none to give back
    "accounts/roles.py": {"ADMINS_LOCK"},
    "accounts/tokens/provisioning.py": {"proof_values"},
    "core/idempotency/claims.py": {"LOCK_TIMEOUT_MS", "LOCK_NOT_AVAILABLE"},
    "core/quotas.py": {"taking"},
    "core/sql/giving_way.py": {"PATIENCE_MS", "wait_briefly"},
    "core/sql/owned.py": {"with_proof", "_joined", "_named"},
    "tasks/entries.py": {"written", "is_outrun"},
    "tasks/insertions.py": {"insertion", "_numbered_sql"},
    "tasks/removals.py": {"trash_at_once", "_trash"},
    "tasks/representation.py": {"_json_sql", "_concatenated"},
}

# What no test could notice, whatever it is.
WITHOUT_EFFECT = {
    # How much a hash may take at most: it takes half of it.
    "accounts/old_hashes/verifiers.py": {"SCRYPT_MEMORY"},
    # How much is remembered, as the arguments of caches say too.
    "accounts/tokens/opaque.py": {"MAX_TRUSTED"},
    "accounts/tokens/own.py": {"MAX_VERIFIED"},
    # How much is done at a time of what is all done.
    "accounts/tokens/lasting.py": {"BATCH"},
    "core/rest/bodies.py": {"CHUNK_BYTES"},
    "core/sql/batches.py": {"BATCH"},
    # Told in the API's document alone.
    "accounts/serializers.py": {"QuotaSerializer", "UsageSerializer"},
    "core/rest/pagination.py": {"PAGE_META", "META"},
    "tasks/lists/pages.py": {"META_OF_TASKS"},
}

# Field options and constraints stand in the migrations too, and `make check` compares the two.
SCHEMA = ["*/models.py", "*/models/*.py"]

# What they start runs the code as it is. Most start servers, by one of these fixtures.
FIXTURES_OF_PROCESSES = {"template", "database", "image"}
TESTS_OF_PROCESSES = ["*/test_ask_model_settings.py"]


def modules_of(area: Area) -> list[str]:
    places = map(Path, area.code)
    paths = [path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    return [str(path) for path in paths if not _matches(path, NOT_RULES)]


def mutants_in(area: Area, chosen: list[str]) -> Iterator[Mutant]:
    """``chosen`` are files and folders; none of them means all."""
    for path in map(Path, modules_of(area)):
        if chosen and not any(map(path.is_relative_to, chosen)):
            continue
        left_alone = ONLY_ON_POSTGRESQL.get(str(path), set()) | WITHOUT_EFFECT.get(str(path), set())
        changes = (each for each in mutants_of(str(path)) if each.name not in left_alone)
        yield from (each for each in changes if each.is_in_function or not _matches(path, SCHEMA))


def _matches(path: Path, patterns: list[str]) -> bool:
    return any(fnmatch(str(path), pattern) for pattern in patterns)
