from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.management.naming import add_user_argument, named_user
from core.rest.client import command
from staff import reading


class Command(BaseCommand):
    help = "Let an admin read what people say to the assistant, for a while. Each look is written into the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_argument(parser, "an exact user id, or the email of a local account")
        parser.add_argument("--hours", type=int, default=8, choices=range(1, 169), metavar="N", help="how long (8)")
        parser.add_argument("--stop", action="store_true", help="let them no more")

    def handle(self, *args: Any, **options: Any) -> None:
        user, client = named_user(options["user"], exact_id=options["id"]), command("read_conversations")
        if options["stop"]:
            stopped = reading.stop_reading(user, client=client)
            self.stdout.write(f"User {user.id} {'reads them no more' if stopped else 'was not let read them'}.")
            return
        if not user.is_admin:
            raise CommandError(f"User {user.id} is no admin, so no page would show them any.")
        reading.let_read(user, hours=options["hours"], client=client)
        self.stdout.write(self.style.SUCCESS(f"User {user.id} may read conversations for {options['hours']} hours."))
