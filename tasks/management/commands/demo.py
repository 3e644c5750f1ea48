import secrets
from argparse import ArgumentParser, ArgumentTypeError
from itertools import chain, groupby, islice
from random import Random
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import quotas
from core.quotas import QuotaExceeded
from core.sql.row_owner import all_rows
from tasks.acts import BY_COMMAND
from tasks.entries import TASKS, differences, writing
from tasks.management.demo_tasks import make_tasks
from tasks.models import Kind, Task

BATCH: Final = 2000
NAMES: Final = ("Alice", "Bilal", "Chiara", "Daniel", "Elif", "Farah", "Goran", "Hana", "Ivan", "Jorge")


class Command(BaseCommand):
    help = "Fill the database with people and their tasks, to try the service out. Not in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=_positive, default=10, metavar="N", help="how many people (10)")
        parser.add_argument("--tasks", type=_positive, default=100, metavar="M", help="how many tasks each (100)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("This is production (ENVIRONMENT): people with a known password do not belong here.")
        password = secrets.token_urlsafe(12)
        try:
            with all_rows("demo"), transaction.atomic():
                users = _make_users(options["users"], password)
                self._make_tasks(users, options["tasks"])
        except QuotaExceeded as error:
            raise CommandError(f"More than {settings.MAX_TASKS} tasks each are more than MAX_TASKS allows.") from error
        self.stdout.write(self.style.SUCCESS(f"Made {len(users)} users with {options['tasks']} tasks each."))
        self.stdout.write(f"Log in as {users[0].email} with the password {password} (it is the same for all).")

    def _make_tasks(self, users: list[User], count: int) -> None:
        """Says how far it is: a million take minutes."""
        now, random = timezone.now(), Random()  # noqa: S311 - what people write down need not be unpredictable
        tasks = chain.from_iterable(make_tasks(user.id, count, now, random) for user in users)
        made, total = 0, len(users) * count
        while batch := list(islice(tasks, BATCH)):
            Task.objects.bulk_create(batch)
            for user_id, made_here in groupby(batch, key=lambda task: task.user_id):
                self._note(user_id, list(made_here))
            made += len(batch)
            if total > BATCH:
                self.stderr.write(f"{made} of {total} tasks", self.style.NOTICE)

    def _note(self, user_id: str, tasks: list[Task]) -> None:
        with writing(user_id, BY_COMMAND) as pen:
            quotas.take(user_id, TASKS, len(tasks))
            for task in tasks:
                pen.note(task.id, Kind.CREATED, differences(None, task))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"must be a whole number above 0, not {text}")
    return int(text)


def _make_users(count: int, password: str) -> list[User]:
    # Once for all: bcrypt takes a quarter of a second by design.
    hashed = make_password(password)
    # Another one each time, so the command can run again.
    run = secrets.token_hex(3)
    return User.objects.bulk_create(
        User(email=f"demo-{run}-{number}@example.com", name=NAMES[number % len(NAMES)], password=hashed)
        for number in range(1, count + 1)
    )
