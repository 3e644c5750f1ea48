"""``python -m testing.safe_migrations``: fails where instances of the last release cannot go on beside a migration that
came since. It runs them on an empty PostgreSQL of its own."""

import os
import sys

import django

from testing import postgres
from testing.safe_migrations import lint


def main() -> int:
    binaries = postgres.find_binaries()
    if binaries is None:
        print("PostgreSQL is not installed: nobody knows whether the new migrations are safe beside the last release.")
        return 1 if os.environ.get("CI") else 0
    with postgres.cluster(binaries) as url:
        os.environ |= {"DATABASE_URL": url, "ENV_FILE": "", "LOG_LEVEL": "WARNING"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "todo_project.settings"
        django.setup()
        return _check()


def _check() -> int:
    ours, released = lint.ours(), lint.released()
    lines = [f"{app}.{name}: released, and gone" for app, name in sorted(released - ours)]
    lines += lint.dangers(ours - released)
    for line in lines:
        print(line)
    print(f"{len(ours - released)} migrations since the last release, {len(lines)} dangers.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
