"""How commands name a user."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from accounts import users
from accounts.models import User
from core.errors import NotFound


def add_user_argument(parser: ArgumentParser, help_text: str, nargs: str | None = None) -> None:
    parser.add_argument("user", nargs=nargs, metavar="ID_OR_EMAIL", help=help_text)
    parser.add_argument("--id", action="store_true", help="take the argument as an id, whatever it looks like")


def named_user(wanted: str, *, exact_id: bool) -> User:
    """Raises ``CommandError``."""
    if not wanted.isprintable():
        raise CommandError("This is neither an id nor an email.")
    try:
        return users.find_user(wanted, exact_id=exact_id)
    except NotFound as error:
        raise CommandError(error.message) from error
