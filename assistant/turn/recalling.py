"""What the built-in understanding is told of a conversation so far."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from assistant.models import Conversation, Message, Role
from assistant.tools.plans import VERBS
from assistant.understanding import Earlier, Told

# A "thanks" between does not part "it" from what it means.
MOST_LOOKED_BACK: Final = 6
# What a result says of a task that is as it was.
NOT_CHANGED: Final = frozenset({"unchanged", "needs_confirmation", "error"})


def recall(conversation: Conversation, said: Message) -> Earlier:
    """What was said up to ``said``, whatever other turns have added since."""
    rows = Message.objects.filter(user_id=said.user_id, conversation_id=said.conversation_id, id__lt=said.id)
    messages = list(rows.order_by("-id").only("role", "content", "tool_calls")[:MOST_LOOKED_BACK])
    answers = [message for message in messages if message.role == Role.ASSISTANT]
    told = next((message for message in answers if message.tool_calls), None)
    return Earlier(
        answer=answers[0].content if answers else "",
        said=next((message.content for message in messages if message.role == Role.PERSON), ""),
        calls=tuple(_told(call) for call in told.tool_calls) if told else (),
        is_recent=bool(answers) and told is answers[0],
        listed=tuple(conversation.shown),
    )


def has_just_changed(said: Message) -> bool:
    """Whether the answer before ``said`` tells of a change."""
    rows = Message.objects.filter(user_id=said.user_id, conversation_id=said.conversation_id, id__lt=said.id)
    calls = rows.order_by("-id").values_list("tool_calls", flat=True).first() or ()
    results = [call["result"] for call in calls if call["tool"] in VERBS]
    return any("task" in result and not NOT_CHANGED & result.keys() for result in results)


def _told(call: Mapping[str, Any]) -> Told:
    result = call["result"]
    tasks: Sequence[Mapping[str, Any]] = result.get("tasks") or ([result["task"]] if "task" in result else [])
    is_more = bool(result.get("more"))
    return Told(
        call["tool"],
        call["arguments"],
        tuple((str(task["id"]), task["title"]) for task in tasks),
        tuple((str(task["id"]), task["title"]) for task in result.get("error", {}).get("matches", ())),
        call["arguments"].get("offset", 0) + len(tasks) if is_more else None,
    )
