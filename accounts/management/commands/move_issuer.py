from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from core.errors import Invalid


class Command(BaseCommand):
    help = "Rename an issuer for all its users, for example when its address changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", metavar="OLD", help="the issuer's name as the users have it, exactly")
        parser.add_argument("new", metavar="NEW", help="the `iss` of its tokens from now on, exactly")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moved = services.move_issuer(options["old"], options["new"])
        except Invalid as error:
            raise CommandError(error.message) from error
        if moved:
            self.stdout.write(self.style.SUCCESS(f"Users moved: {moved}."))
        else:
            self.stderr.write(self.style.WARNING("No user has this issuer; nothing changed."))
