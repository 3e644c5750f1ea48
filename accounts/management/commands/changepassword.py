import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import passwords
from accounts.management.naming import add_user_argument, named_user
from core.errors import Conflict, DomainError
from core.rest.client import command


class Command(BaseCommand):
    """In the place of Django's, which ends no session and leaves no trace."""

    help = "Set a user's password; their sessions end and their personal tokens are revoked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_argument(parser, "an exact user id, or the email of a local account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = named_user(options["user"], exact_id=options["id"])
        if user.issuer:
            # Before anything is typed.
            raise CommandError(Conflict("outside_account").message)
        try:
            passwords.set_password(user, new=_typed(), client=command("changepassword"))
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(self.style.SUCCESS(f"User {user.id} has another password, and is logged out everywhere."))


def _typed() -> str:
    """Twice on a terminal, where it is not shown; else the first line that is piped in. Raises ``CommandError``."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first, second = getpass("New password: "), getpass("Again: ")
    if first != second:
        raise CommandError("These were two different ones; nothing was changed.")
    return first
