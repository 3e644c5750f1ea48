from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.management.naming import add_user_argument, named_user
from core.rest.client import command
from staff.second_factor import factors


class Command(BaseCommand):
    help = "Take away a lost second factor with its recovery codes; the person logs in anew, by password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_argument(parser, "an exact user id, or the email of a local account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = named_user(options["user"], exact_id=options["id"])
        if factors.reset(user, client=command("reset_second_factor")):
            self.stdout.write(self.style.SUCCESS(f"User {user.id} has no second factor any more."))
        else:
            self.stdout.write(f"User {user.id} has no second factor.")
