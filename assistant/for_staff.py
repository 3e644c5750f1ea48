"""What the staff site asks of conversations (``settings.CONVERSATIONS``)."""

from collections.abc import Iterable

from assistant.models import Conversation, Message


def count(user_id: str) -> int:
    return Conversation.objects.filter(user_id=user_id).count()


def newest(user_id: str, *, limit: int | None, before: int | None = None) -> Iterable[Conversation]:
    """By id, which is by when they began; those before that id."""
    found = Conversation.objects.filter(user_id=user_id)
    if before is not None:
        found = found.filter(id__lt=before)
    return found.only("user_id", "id", "title", "message_count", "created_at", "updated_at").order_by("-id")[:limit]


def find(user_id: str, conversation_id: int) -> Conversation | None:
    return Conversation.objects.filter(user_id=user_id, id=conversation_id).first()


def read(user_id: str, conversation_id: int) -> Iterable[Message]:
    return Message.objects.filter(user_id=user_id, conversation_id=conversation_id).order_by("id")
