"""What ``COMPATIBLE_WITH`` sets together, as it would stand in the environment."""

from collections.abc import Mapping
from typing import Final

PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "a": {"LIST_ENVELOPE": "false", "TASK_ALIASES": "true"},
    "b": {"LIST_ENVELOPE": "false", "TASK_ALIASES": "true"},
    "c": {},
    # Its README's idempotent /complete is COMPLETE_WITHOUT_BODY=complete; its own page un-completes by it.
    "d": {"ACCESS_TOKEN_EXPIRE_MINUTES": "1440"},
    "e": {"LIST_ENVELOPE": "data.tasks", "TASK_ALIASES": "true", "JWT_EXPIRATION_DELTA": "604800"},
    "family": {"LIST_ENVELOPE": "tasks", "TASK_ALIASES": "true"},
}
# Those that cannot work without a setting that nobody but the operator knows.
NEEDED: Final[Mapping[str, str]] = {"b": "BETTER_AUTH_DATABASE_URL"}
