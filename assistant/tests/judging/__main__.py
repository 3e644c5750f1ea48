"""``python -m assistant.tests.judging [-v] table.json ...``: how many of the cases become what they should."""

import argparse
import os
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

import testing.plugin  # noqa: F401 - the settings of tests

import django  # isort: skip

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from accounts.models import User  # noqa: E402
from assistant.tests.judging.telling import FOLDER, Case, Told, read_table, tell  # noqa: E402
from assistant.tests.judging.verdicts import Judge, Verdict  # noqa: E402


def tell_of(case: Case, told: Told, verdict: Verdict) -> None:
    changed = [task for task_id, task in told.end.items() if task != told.start.get(task_id)]
    gone = [task["t"] for task_id, task in told.start.items() if task_id not in told.end]
    lines = (
        f"[{verdict.value}] {case['kind']}: {case['turns']}",
        f"want {case['expect']}",
        f"said {told.answer[:150]!r}",
    )
    print("\n   ".join([*lines, *(f"now  {task}" for task in changed), *(f"gone {title}" for title in gone)]))  # noqa: T201 - a program that talks on a terminal


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", nargs="*", type=Path)
    parser.add_argument("-v", action="store_true")
    parser.add_argument("-k", default="")
    parser.add_argument("--now", type=datetime.fromisoformat)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    user = User(email="cases@example.com")
    user.set_unusable_password()
    user.save(force_insert=True)
    found: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for path in options.tables or [path for path in sorted(FOLDER.glob("*.json")) if path.name != "tasks.json"]:
        table = read_table(path)
        now = (options.now or datetime.now(table.zone)).replace(tzinfo=table.zone)
        for case in table.cases:
            if options.k not in f"{case['kind']} {case['turns']}":
                continue
            with transaction.atomic():
                told = tell(user, table, case, now)
                judge = Judge(case, told, now)
                verdict = judge.verdict()
                transaction.set_rollback(True)
            found[case["kind"]][verdict] += 1
            if options.v and verdict is not Verdict.RIGHT:
                tell_of(case, told, verdict)
    total: Counter[Verdict] = Counter()
    for kind, verdicts in found.items():
        total += verdicts
        sys.stdout.write(
            f"{kind:24}" + "".join(f"{verdict.value}: {verdicts[verdict]:4}  " for verdict in Verdict) + "\n"
        )
    count = total.total()
    sys.stdout.write(
        f"{'all ' + str(count):24}" + "".join(f"{v.value}: {total[v] / count:6.1%}  " for v in Verdict) + "\n"
    )


main()
