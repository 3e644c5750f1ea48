from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from django.conf import settings
from django.db.models import F

from accounts.models import User
from assistant.models import CHANCE_BITS, EPOCH, MAX_NAME_LENGTH, TITLE_LENGTH, Conversation, Message
from core import quotas
from todo_project.importing import sayings, values
from todo_project.importing.report import Report
from todo_project.importing.source import Row
from todo_project.importing.values import Misfit

BATCH: Final = 1000
# Where an old id is a number, it stays the number.
MAX_NUMBER: Final = 2**53 - 1
# By minutes from here, the ids of those that began before ours did stay below ours.
OLDEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
TITLES: Final = "titles of conversations"
TICK: Final = timedelta(microseconds=1)


def move(user: User, conversations: Iterable[Row], messages: Iterable[Row], letter: str, report: Report) -> None:
    """In a transaction. Raises ``QuotaExceeded``."""
    groups = groupby(messages, key=lambda row: row["conversation"])
    following = next(groups, None)
    for row in conversations:
        report.read["conversations"] += 1
        said: list[Row] = []
        # Both are in the order of the conversations' ids, and each message has its own.
        if following is not None and following[0] == row["id"]:
            said = list(following[1])
            following = next(groups, None)
        report.read["messages"] += len(said)
        _move_one(user, row, said, letter, report)


def _move_one(user: User, row: Row, said: Sequence[Row], letter: str, report: Report) -> None:
    try:
        conversation = read(row, user, report)
        _check_room(said)
        is_new = _keep(conversation, said)
    except Misfit as why:
        report.misfit("conversations", row["id"], str(why))
        report.unfit["messages"] += len(said)
        return
    counted = report.stored if is_new else report.there
    counted["conversations"] += 1
    if is_new:
        _compare_conversation(conversation, report)
    _add_messages(conversation, said, letter, report)


def read(row: Row, user: User, report: Report) -> Conversation:
    began = values.instant(row.get("created_at"), "time of creation") or user.created_at
    number, name = _identity(values.text(row["id"], "id"), began)
    return Conversation(
        user_id=user.id,
        id=number,
        name=name,
        title=values.short(values.text(row.get("title"), "title"), TITLE_LENGTH, TITLES, report.remarks),
        created_at=began,
        updated_at=max(values.instant(row.get("updated_at"), "time of change") or began, began),
    )


def _identity(old_id: str, began: datetime) -> tuple[int, str | None]:
    if old_id.isdecimal() and old_id.isascii() and 0 < int(old_id) <= MAX_NUMBER:
        return int(old_id), None
    if not 0 < len(old_id) <= MAX_NAME_LENGTH:
        raise Misfit(f"its id is not of 1 to {MAX_NAME_LENGTH} characters")
    chance = int.from_bytes(values.stable_uuid7(began, old_id).bytes[-2:]) >> 16 - CHANCE_BITS
    since = (began - EPOCH) // timedelta(milliseconds=1) if began >= EPOCH else (began - OLDEST) // timedelta(minutes=1)
    number = (max(since, 1) << CHANCE_BITS) | chance
    if number > MAX_NUMBER:
        raise Misfit("its time of creation is after 2095")
    return number, old_id


def _keep(conversation: Conversation, said: Sequence[Row]) -> bool:
    """Whether it was stored; it may be here. Raises ``Misfit`` where another is in its place."""
    own = Conversation.objects.filter(user_id=conversation.user_id)
    there = own.filter(name=conversation.name).first() if conversation.name else None
    there = there or own.filter(id=conversation.id).first()
    if there:
        if (there.name, there.created_at) != (conversation.name, conversation.created_at):
            raise Misfit("its id is another conversation's here")
        conversation.id = there.id
        return False
    if not conversation.title:
        first = next((row for row in said if sayings.is_persons(row)), None)
        conversation.title = values.text(first and first["content"], "title").strip()[:TITLE_LENGTH]
    quotas.take(conversation.user_id, "conversations")
    Conversation.objects.bulk_create([conversation])
    return True


def _check_room(said: Sequence[Row]) -> None:
    limit = settings.MAX_MESSAGES
    if limit and len(said) > limit:
        raise Misfit(f"it has more than {limit} messages (MAX_MESSAGES)")


def _add_messages(conversation: Conversation, said: Sequence[Row], letter: str, report: Report) -> None:
    mine = Message.objects.filter(user_id=conversation.user_id, conversation_id=conversation.id)
    known = set(mine.values_list("id", flat=True))
    read_here = list(_messages(conversation, said, letter, report))
    fresh = [message for message in read_here if message.id not in known]
    report.there["messages"] += len(read_here) - len(fresh)
    if not fresh:
        return
    Message.objects.bulk_create(fresh, batch_size=BATCH)
    Conversation.objects.filter(user_id=conversation.user_id, id=conversation.id).update(
        message_count=F("message_count") + len(fresh)
    )
    new = {message.id for message in fresh}
    report.stored["messages"] += len(fresh)
    report.wanted["messages"] += sum(map(_digest, fresh))
    report.found["messages"] += sum(_digest(message) for message in mine if message.id in new)


def _messages(conversation: Conversation, said: Sequence[Row], letter: str, report: Report) -> Iterator[Message]:
    before = OLDEST
    for row in said:
        try:
            at = values.instant(row["created_at"], "time") or conversation.created_at
            # Ids are the order; a question and its answer may be of one instant there.
            at = max(at, before + TICK)
            yield _message(conversation, row, at, letter)
            before = at
            report.remarks.update(f"calls of the tool {name} were left out" for name in sayings.tools(row))
        except sayings.Placeless as what:
            report.unfit["messages"] += 1
            report.placeless[str(what)] += 1
        except Misfit as why:
            report.misfit("messages", row["id"], str(why))
        except OverflowError:
            report.misfit("messages", row["id"], "its time has none after it")


def _message(conversation: Conversation, row: Row, at: datetime, letter: str) -> Message:
    return Message(
        user_id=conversation.user_id,
        id=values.stable_uuid7(at, letter, conversation.user_id, values.text(row["id"], "id")),
        conversation_id=conversation.id,
        role=sayings.speaker(row),
        content=values.text(row["content"], "content"),
        created_at=at,
    )


def _compare_conversation(conversation: Conversation, report: Report) -> None:
    there = Conversation.objects.get(user_id=conversation.user_id, id=conversation.id)
    report.wanted["conversations"] += _digest_of(conversation)
    report.found["conversations"] += _digest_of(there)


def _digest_of(conversation: Conversation) -> int:
    return values.digest([conversation.id, conversation.name, conversation.title, conversation.created_at])


def _digest(message: Message) -> int:
    return values.digest(
        [str(message.id), message.conversation_id, str(message.role), message.content, message.created_at]
    )
