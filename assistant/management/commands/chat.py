import logging
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ValidationError

from accounts.management.naming import add_user_argument, named_user
from accounts.models import User
from assistant import services
from assistant.management.screen import Screen
from assistant.models import PendingAction
from assistant.providers.base import ChatProvider
from assistant.providers.builtin.provider import BuiltinProvider
from assistant.providers.choosing import configured
from assistant.serializers import ChatSerializer, ZoneField, read_conversation_id
from assistant.turn.beginnings import Said, find_conversation
from assistant.turn.endings import Turn
from assistant.turn.talk import let_connection_go
from core.errors import DomainError
from core.sql import row_owner

PROMPT: Final = "> "
HELP: Final = """\
Say what to do with the tasks, such as: add a task to buy milk tomorrow at 9.
/new   begins another conversation
/help  shows this
/quit  ends the session, as Ctrl-D and Ctrl-C do"""
# What a shell makes of an end by Ctrl-C: 128 and the signal's number.
INTERRUPTED: Final = 130


class Command(BaseCommand):
    help = (
        "Talk to the assistant as a user, to try it by hand: a line is a turn, typed or piped."
        " The exit status is 1 when a piped one failed."
        " With --verbosity 2 it shows the tools' whole results, and the log."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        # https://no-color.org; Django knows only its own option and variable.
        super().__init__(*args, **{"no_color": bool(os.environ.get("NO_COLOR")), **options})

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_argument(parser, "an exact user id, or the email of a local account")
        parser.add_argument("--timezone", type=_zone, metavar="NAME", help="an IANA time zone, for dates (UTC)")
        parser.add_argument("--conversation", metavar="ID", help="the conversation to go on with")

    @row_owner.rows_of(None)
    def handle(self, *args: Any, **options: Any) -> None:
        is_typed = sys.stdin.isatty()
        _tolerate_encodings()
        screen = Screen(self.stdout, self.style, is_detailed=options["verbosity"] > 1)
        talk = self._open(screen, options)
        if options["verbosity"] < 2:
            # Between the lines of the talk they are in the way, and what matters is told in it.
            logging.disable(logging.WARNING)
        try:
            is_good = self._converse(screen, talk, is_typed=is_typed)
        except KeyboardInterrupt:
            # Also in the middle of a turn, which then has changed nothing.
            self.stdout.write()
            sys.exit(INTERRUPTED)
        finally:
            logging.disable(logging.NOTSET)
        if not is_good and not is_typed:
            sys.exit(1)

    def _open(self, screen: Screen, options: dict[str, Any]) -> "_Talk":
        user = named_user(options["user"], exact_id=options["id"])
        row_owner.show_rows_of(user.id)
        talk = _Talk(user, configured() or BuiltinProvider(), options["timezone"] or ZoneInfo("UTC"), screen)
        if options["conversation"]:
            try:
                talk.go_on(options["conversation"])
            except DomainError as error:
                raise CommandError(error.message) from error
        return talk

    def _converse(self, screen: Screen, talk: "_Talk", *, is_typed: bool) -> bool:
        """Whether every line could be answered."""
        is_good = True
        if is_typed:
            _edit_lines()
            screen.note(f"The provider is {talk.provider.name}. /help tells more, /quit ends this.")
        for line in _lines(PROMPT if is_typed and self.stdout.isatty() else ""):
            if line == "/quit":
                return is_good
            if problem := talk.obey(line) if line.startswith("/") else talk.say(line):
                screen.end_line()
                self.stderr.write(problem)
                is_good = False
        if is_typed:
            self.stdout.write()
        return is_good


class _Talk:
    def __init__(self, user: User, provider: ChatProvider, zone: ZoneInfo, screen: Screen) -> None:
        self.provider = provider
        self._user, self._zone, self._screen = user, zone, screen
        self._conversation_id: int | None = None

    def go_on(self, conversation_id: str) -> None:
        """Raises ``NotFound``."""
        self._conversation_id = find_conversation(self._user, read_conversation_id(conversation_id)).id

    def obey(self, line: str) -> str | None:
        match line:
            case "/new":
                self._conversation_id = None
            case "/help":
                for row in HELP.splitlines():
                    self._screen.note(row)
            case _:
                return f"There is no {line.split()[0]}; /help shows what there is."
        return None

    def say(self, line: str) -> str | None:
        """One turn; the sentence that tells why there was none."""
        try:
            message = _read(line)
            said = Said(message, self._conversation_id, self._zone)
            turn = services.run_turn(self._user, said, self.provider, audience=self._screen)
        except ValidationError as error:
            return f"The message is not valid: {_told(error)}"
        except DomainError as error:
            return error.message
        finally:
            # The next line may take hours to come.
            let_connection_go()
        self._screen.end_line()
        self._show(turn)
        return None

    def _show(self, turn: Turn) -> None:
        if turn.pending_action:
            self._screen.warn(_waiting(turn.pending_action, self._zone))
        if turn.conversation_id != self._conversation_id:
            self._conversation_id = turn.conversation_id
            self._screen.note(f"This is conversation {turn.conversation_id}.")


def _read(line: str) -> str:
    """By the rule of the API. Raises ``ValidationError``."""
    message: str = ChatSerializer().fields["message"].run_validation(line)
    return message


def _waiting(action: PendingAction, zone: ZoneInfo) -> str:
    return f"Waiting for your yes until {action.expires_at.astimezone(zone):%H:%M} ({zone.key})."


def _lines(prompt: str) -> Iterator[str]:
    while True:
        try:
            line = input(prompt).strip()
        except EOFError:
            return
        if line:
            yield line


def _edit_lines() -> None:
    """Has ``input`` edit its line and know those before, which are kept in memory only."""
    # Some builds of Python have none.
    with suppress(ImportError):
        import readline

        readline.set_auto_history(True)


def _tolerate_encodings() -> None:
    """What comes in and is no text is the message's fault, and told; what cannot be shown becomes a question mark."""
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "replace"), (sys.stderr, "replace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def _zone(text: str) -> ZoneInfo:
    try:
        zone: ZoneInfo = ZoneField().run_validation(text)
    except ValidationError as error:
        raise ArgumentTypeError(_told(error)) from error
    return zone


def _told(error: ValidationError) -> str:
    return str(next(iter(error.detail)))
