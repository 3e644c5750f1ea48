"""What else people leave behind, for ``manage.py demo``: sessions, lines of the security log, conversations."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from accounts.models import AuthEvent, Session, User
from assistant.models import Conversation, Message, Role, conversation_id
from core.ids import uuid7

SESSION_DAYS: Final = 30
MONTH: Final = timedelta(days=30)
AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
)
# Of the addresses that stand for nobody's (RFC 5737).
NETWORKS: Final = ("192.0.2", "198.51.100", "203.0.113")
KINDS: Final = {
    AuthEvent.Kind.LOGIN: 30,
    AuthEvent.Kind.REFRESH: 50,
    AuthEvent.Kind.LOGIN_FAILED: 12,
    AuthEvent.Kind.LOGOUT: 6,
    AuthEvent.Kind.PASSWORD_CHANGED: 2,
}
TALKS: Final = (
    ("Add a task to buy oat milk", "Added “Buy oat milk”."),
    ("What is due this week?", "Three tasks are due this week."),
    ("Mark the dentist as done", "Completed “Call the dentist”."),
    ("Show my open tasks with #home", "You have four open tasks with #home."),
)


def make_sessions(users: list[User], count: int, now: datetime, random: Random) -> Iterator[Session]:
    for user in users:
        for _ in range(count):
            begun = now - random.random() * MONTH
            seen = begun + random.random() * (now - begun)
            yield Session(
                id=uuid7(begun), user_id=user.id, refresh_hash=secrets.token_hex(32), address=_address(random),
                user_agent=random.choice(AGENTS), created_at=begun, rotated_at=seen, last_seen_at=seen,
                expires_at=seen + timedelta(days=SESSION_DAYS), ended_at=seen if random.random() < 0.3 else None,
            )  # fmt: skip


def make_events(users: list[User], count: int, now: datetime, random: Random) -> Iterator[AuthEvent]:
    for user in users:
        joined = now - MONTH - random.random() * MONTH
        yield _event(AuthEvent.Kind.SIGNUP, user, joined, random)
        for kind in random.choices(list(KINDS), list(KINDS.values()), k=count - 1):
            yield _event(kind, user, now - random.random() * MONTH, random)


def _event(kind: AuthEvent.Kind, user: User, at: datetime, random: Random) -> AuthEvent:
    is_good = kind != AuthEvent.Kind.LOGIN_FAILED
    return AuthEvent(
        id=uuid7(at), kind=kind, subject=user.id, actor=user.id if is_good else None, address=_address(random),
        user_agent=random.choice(AGENTS), success=is_good, reason="" if is_good else "wrong_credentials", created_at=at,
    )  # fmt: skip


def make_conversations(users: list[User], count: int, now: datetime, random: Random) -> Iterator[Conversation]:
    for user in users:
        for number in range(count):
            # Days apart, so that no two ids of one person meet.
            begun = now - timedelta(days=number + 1) + random.random() * timedelta(hours=12)
            title = random.choice(TALKS)[0]
            yield Conversation(
                user_id=user.id, id=conversation_id(begun), title=title, message_count=2, created_at=begun,
                updated_at=begun + timedelta(seconds=2),
            )  # fmt: skip


def make_messages(conversation: Conversation) -> Iterator[Message]:
    answer = dict(TALKS)[conversation.title]
    turn = (Role.PERSON, conversation.title, conversation.created_at), (Role.ASSISTANT, answer, conversation.updated_at)
    for role, content, at in turn:
        yield Message(
            user_id=conversation.user_id, id=uuid7(at), conversation_id=conversation.id, role=role, content=content,
            created_at=at,
        )  # fmt: skip


def _address(random: Random) -> str:
    return f"{random.choice(NETWORKS)}.{random.randint(1, 254)}"
