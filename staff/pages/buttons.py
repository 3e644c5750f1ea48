"""What the buttons of a user's page do. Those that destroy something ask first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.conf import settings

from accounts import roles
from accounts.models import User
from core.rest.client import Client
from staff import acts
from staff.second_factor import factors


class Act(NamedTuple):
    """Of a member of the staff on a user."""

    staff: User
    user: User
    client: Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    label: str
    # Says on the page what was done. Raises ``DomainError``.
    run: Callable[[Act], str]
    # Whether it makes sense for this user, if this member of the staff asks.
    fits: Callable[[User, User], bool]
    # What is asked before; empty: it is done at once.
    question: str = ""
    # Why it cannot be done at all; empty: it can.
    hindrance: Callable[[User], str] = lambda user: ""


def _make_admin(act: Act) -> str:
    roles.change_user(act.staff, act.user.id, client=act.client, role=User.Role.ADMIN)
    return "They are an admin now."


def _unmake_admin(act: Act) -> str:
    roles.change_user(act.staff, act.user.id, client=act.client, role=User.Role.USER)
    return "They are no admin any more."


def _disable(act: Act) -> str:
    roles.change_user(act.staff, act.user.id, client=act.client, is_active=False)
    return "The account is disabled, and its sessions have ended."


def _enable(act: Act) -> str:
    roles.change_user(act.staff, act.user.id, client=act.client, is_active=True)
    return "The account is enabled. They log in anew."


def _end_sessions(act: Act) -> str:
    return f"Sessions ended: {acts.end_all_sessions(act.user, client=act.client)}."


def _reset_second_factor(act: Act) -> str:
    factors.reset(act.user, client=act.client)
    return "The second factor is gone, and their sessions have ended."


def _send_reset(act: Act) -> str:
    acts.send_reset(act.user, client=act.client)
    return "The link is on its way; it holds for an hour."


def _why_no_reset(user: User) -> str:
    if not settings.MAIL_IS_ON:
        return "No mail is configured (EMAIL_URL)."
    return "" if user.is_active else "The account is disabled."


BUTTONS: Final[Mapping[str, Button]] = {
    "make-admin": Button(
        label="Make an admin",
        run=_make_admin,
        fits=lambda user, staff: not user.is_admin,
        question="They will see and change everybody's accounts and tasks.",
    ),
    "unmake-admin": Button(
        label="Take the admin role",
        run=_unmake_admin,
        fits=lambda user, staff: user.is_admin and user.id != staff.id,
        question="They will be let into the staff site no more.",
    ),
    "disable": Button(
        label="Disable",
        run=_disable,
        fits=lambda user, staff: user.is_active and user.id != staff.id,
        question="Their sessions end, their personal tokens are revoked, and they cannot log in.",
    ),
    "enable": Button(label="Enable", run=_enable, fits=lambda user, staff: not user.is_active),
    "end-sessions": Button(
        label="End all sessions",
        run=_end_sessions,
        fits=lambda user, staff: True,
        question="They will have to log in anew everywhere, on the staff site too.",
    ),
    "reset-second-factor": Button(
        label="Reset the second factor",
        run=_reset_second_factor,
        fits=lambda user, staff: user.id != staff.id and factors.find(user.id) is not None,
        question="They log in by password alone until they set another one up; their sessions end.",
    ),
    "send-reset": Button(
        label="Send a reset link",
        run=_send_reset,
        fits=lambda user, staff: not user.issuer,
        hindrance=_why_no_reset,
    ),
}


class Shown(NamedTuple):
    name: str
    label: str
    hindrance: str


def buttons_for(user: User, staff: User) -> Iterator[Shown]:
    for name, button in BUTTONS.items():
        if button.fits(user, staff):
            yield Shown(name, button.label, button.hindrance(user))
