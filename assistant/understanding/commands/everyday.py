"""Verbs of things to do, so that "buy milk" needs no word about tasks."""

import re
from typing import Final

EVERYDAY: Final = re.compile(
    r"(?:(?:go|get|try|start) (?:and |to )?)?(?:answer|apply|arrange|ask|assemble|attend|backup|back up|bake|bath"
    r"|book|borrow|bring|brush|build|buy|call|charge|clean|collect|contact|cook|deliver"
    r"|deposit|draft|dust|email|e-mail|exchange|feed|file|fill|fix|fold|get|hang|help|hire|hoover|install|invite"
    r"|iron|learn|make|mail|measure|meet|message|mop|mow|order|organi[sz]e|pack|paint|pay|phone|pick"
    r"|plant|polish|practi[cs]e|prepare|print|proofread|purchase|read|rebook|refill|register|renew|rent|repair"
    r"|replace|reply|research|return|review|ring|schedule|sell|send|sew|ship|sign|sort|study"
    r"|submit|sweep|take|talk|text|tidy|train|transfer|translate|upload|vacuum|visit|walk|wash|water|weed|wipe"
    r"|withdraw|work|wrap|write|change|move|cut|empty|iron|join|load|lock|park|print|record|reserve|restart|scan"
    r"|shop|shave|stretch|switch|turn|do|finish|plan|drop|pick up|go|check|create|complete|test|update|upgrade"
    r"|cancel|find|watch|set up|hand|let|tell|see|follow|deal|take care)\b(?= )",
    re.IGNORECASE,
)
# These need a tag, a priority or a date to be a task, being so often something else.
NEEDS_MARK: Final = re.compile(
    r"(?:change|move|join|load|lock|cut|record|turn|switch|get|do|finish|go|check|complete|create|make|let|tell"
    r"|see|help|update|cancel|drop|take|work|talk|find"
    r"|set up|try|start|follow|watch|plan|sort|file|hand|ask|test|deal|answer|train|rent|learn|message|text|sign"
    r"|ring)\b",
    re.IGNORECASE,
)
ALWAYS: Final = re.compile(
    r"(?:change|move|join|cut|turn off|create|check|go to|get|pick up|take out|take care|make|do|plan|work on"
    r"|watch|ask|sign|text|file|test|talk to|learn|answer"
    r"|message|ring|find) (?:the|a|an|my|some|new|up|out|to|for|[A-Z]\w+|mum|mom|dad)\b",
    re.IGNORECASE,
)


def is_everyday(text: str) -> bool:
    return bool(EVERYDAY.match(text)) and (not NEEDS_MARK.match(text) or bool(ALWAYS.match(text)))
