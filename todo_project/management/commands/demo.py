import secrets
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from random import Random
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import AuthEvent, Session, User
from assistant.models import Conversation, Message
from core import quotas
from core.quotas import QuotaExceeded
from core.sql.row_owner import all_rows
from core.sql.statements import is_distributed
from staff.models import DailyCount
from tasks.acts import BY_COMMAND
from tasks.entries import TASKS, differences, writing
from tasks.management.demo_tasks import make_tasks
from tasks.models import Kind, Task
from todo_project.management import demo_people, progress

BATCH: Final = 2000
NAMES: Final = ("Alice", "Bilal", "Chiara", "Daniel", "Elif", "Farah", "Goran", "Hana", "Ivan", "Jorge")
# Of each person, beside the tasks.
SESSIONS: Final = 3
CONVERSATIONS: Final = 2
M = TypeVar("M", bound=Model)


class Command(BaseCommand):
    help = "Fill the database with people, what they do and what they leave behind, to try it out. Not in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=_positive, default=10, metavar="N", help="how many people (10)")
        parser.add_argument("--tasks", type=_positive, default=100, metavar="M", help="how many tasks each (100)")
        parser.add_argument("--events", type=_positive, default=20, metavar="K", help="how many events each (20)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("This is production (ENVIRONMENT): people with a known password do not belong here.")
        if is_distributed():
            raise CommandError("The tables are spread (?citus=true): a demo is made before manage.py distribute.")
        password = secrets.token_urlsafe(12)
        try:
            with all_rows("demo"), transaction.atomic():
                users = _make_users(options["users"], password)
                self._make_tasks(users, options["tasks"])
                self._make_rest(users, options["events"])
                # What it makes is of days that may have been counted.
                DailyCount.objects.all().delete()
        except QuotaExceeded as error:
            raise CommandError(f"More than {settings.MAX_TASKS} tasks each are more than MAX_TASKS allows.") from error
        self.stdout.write(self.style.SUCCESS(f"Made {len(users)} users with {options['tasks']} tasks each."))
        self.stdout.write(f"Log in as {users[0].email} with the password {password} (it is the same for all).")

    def _make_tasks(self, users: list[User], count: int) -> None:
        now, random = timezone.now(), Random()  # noqa: S311 - what people write down need not be unpredictable
        tasks = chain.from_iterable(make_tasks(user.id, count, now, random) for user in users)
        for batch in self._batches("tasks", tasks, len(users) * count):
            Task.objects.bulk_create(batch)
            for user_id, made_here in groupby(batch, key=lambda task: task.user_id):
                self._note(user_id, list(made_here))

    def _make_rest(self, users: list[User], events: int) -> None:
        now, random = timezone.now(), Random()  # noqa: S311 - as above
        sessions = demo_people.make_sessions(users, SESSIONS, now, random)
        for batch in self._batches("sessions", sessions, len(users) * SESSIONS):
            Session.objects.bulk_create(batch)
        for lines in self._batches("events", demo_people.make_events(users, events, now, random), len(users) * events):
            AuthEvent.objects.bulk_create(lines)
        talks = demo_people.make_conversations(users, CONVERSATIONS, now, random)
        for conversations in self._batches("conversations", talks, len(users) * CONVERSATIONS):
            Conversation.objects.bulk_create(conversations)
            Message.objects.bulk_create(chain.from_iterable(map(demo_people.make_messages, conversations)))
        for user in users:
            quotas.take(user.id, "conversations", CONVERSATIONS)

    def _batches(self, what: str, rows: Iterable[M], total: int) -> Iterator[list[M]]:
        """Shows how far it is, where that takes a while: a million tasks take minutes."""
        rows, made = iter(rows), 0
        while batch := list(islice(rows, BATCH)):
            yield batch
            made += len(batch)
            if total > BATCH:
                progress.show(self, what, made, total)

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
