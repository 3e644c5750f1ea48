from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import roles
from accounts.management.naming import add_user_argument, named_user
from core.rest.client import command


class Command(BaseCommand):
    help = "Give a user the admin role, which opens the staff site and /api/admin/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_argument(
            parser, "an exact user id, or the email of a local account; without it ADMIN_USER_ID", nargs="?"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["user"]
        wanted = named or settings.ADMIN_USER_ID
        if not wanted:
            raise CommandError("Name a user by id or email, or set ADMIN_USER_ID.")
        user = named_user(wanted, exact_id=options["id"] or not named)
        if roles.promote_admin(user, command("promote_admin")):
            self.stdout.write(self.style.SUCCESS(f"User {user.id} is now an admin."))
        else:
            self.stdout.write(f"User {user.id} is an admin already.")
        if not user.is_active:
            self.stderr.write(self.style.WARNING("The account is disabled, so they cannot log in."))
