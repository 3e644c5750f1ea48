from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import roles, services
from accounts.clients import command
from accounts.models import User
from todo_project.errors import NotFound


class Command(BaseCommand):
    help = "Give a user the admin role, which opens the staff site and /api/admin/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "user",
            nargs="?",
            metavar="ID_OR_EMAIL",
            help="an exact user id, or the email of a local account; without it ADMIN_USER_ID",
        )
        parser.add_argument("--id", action="store_true", help="take the argument as an id, whatever it looks like")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._find(options["user"], exact=options["id"])
        if roles.promote_admin(user, command("promote_admin")):
            self.stdout.write(self.style.SUCCESS(f"User {user.id} is now an admin."))
        else:
            self.stdout.write(f"User {user.id} is an admin already.")
        if not user.is_active:
            self.stderr.write(self.style.WARNING("The account is disabled, so they cannot log in."))

    def _find(self, named: str | None, *, exact: bool) -> User:
        wanted = named or settings.ADMIN_USER_ID
        if not wanted:
            raise CommandError("Name a user by id or email, or set ADMIN_USER_ID.")
        if not wanted.isprintable():
            raise CommandError("This is neither an id nor an email.")
        try:
            return services.find_user(wanted, exact_id=exact or not named)
        except NotFound as error:
            raise CommandError(error.message) from error
