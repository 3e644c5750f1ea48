from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import roles
from accounts.management.naming import add_user_argument, named_user
from core.errors import Conflict
from core.rest.client import command


class Command(BaseCommand):
    help = "Take the admin role from a user; it bites on their next request. The last active admin keeps it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_argument(parser, "an exact user id, or the email of a local account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = named_user(options["user"], exact_id=options["id"])
        try:
            changed = roles.demote_admin(user, command("demote_admin"))
        except Conflict as error:
            raise CommandError(f"{error.message} User {user.id} is the last one; promote another first.") from error
        if changed:
            self.stdout.write(self.style.SUCCESS(f"User {user.id} is no longer an admin."))
        else:
            self.stdout.write(f"User {user.id} is not an admin.")
