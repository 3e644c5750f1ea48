"""Verbs of things to do, so that "buy milk" needs no word about tasks."""

import re
from typing import Final

VERBS: Final = (
    r"(?:answer|apply|arrange|ask|assemble|attend|backup|back up|bake|bath|bring|book|borrow|brush|build|buy|call"
    r"|charge"
    r"|clean|collect|contact|cook|deliver|defrost|deposit|descale|draft|dust|drive|email|e-mail|exchange|feed|fetch"
    r"|file"
    r"|fill|fix|fold|forward|get|grab|hang|help|hire|hoover|install|invite|iron|learn|make|mail|measure|meet|message"
    r"|mop"
    r"|mow|order|organi[sz]e|pack|paint|pay|phone|pick|plant|polish|post|practi[cs]e|prepare|print|proofread|purchase"
    r"|rake|read|rebook|refill|register|renew|rent|repair|replace|reply|research|return|review|ring|schedule|sell|send"
    r"|sew|ship|sign|sort|study|submit|sweep|take|talk|text|tidy|train|transfer|translate|upload|vacuum|visit|walk"
    r"|wash|water|weed|wipe|withdraw|work|wrap|write|change|move|cut|empty|join|load|lock|park|record|reserve"
    r"|restart|scan|shop|shave|stretch|switch|turn|do|finish|plan|drop|pick up|go|check|create|complete|test|update"
    r"|upgrade|cancel|find|watch|set up|hand|let|tell|see|follow|deal|take care|bleed|oil|repay|swap|trim|unpack"
    r"|stock up|top up|throw out|try|drop off|prep|pump|patch|fasten|feed|mend|glue|sand|rotate|service|dry|put)"
)
EVERYDAY: Final = re.compile(rf"(?:(?:go|get|try|start) (?:and |to )?)?{VERBS}\b(?= )", re.IGNORECASE)
# As in a list of things: "wash car, fold towels", "packing the tent, checking the stove".
LISTED: Final = re.compile(rf"(?:to )?(?:{VERBS}\b(?= )|\w{{2,}}ing\b)", re.IGNORECASE)
# These need a tag, a priority or a date to be a task, being so often something else.
NEEDS_MARK: Final = re.compile(
    r"(?:change|move|join|load|lock|cut|record|turn|switch|get|do|finish|go|check|complete|create|make|let|tell"
    r"|see|help|update|cancel|drop|take|work|talk|find"
    r"|set up|try|start|follow|watch|plan|sort|file|hand|ask|test|deal|answer|train|rent|learn|message|text|sign"
    r"|ring|put|throw out|service|dry|post|oil|drive|fetch|grab|forward)\b",
    re.IGNORECASE,
)
ALWAYS: Final = re.compile(
    r"(?:change|move|join|cut|turn off|create|check|go to|get|pick up|take out|take care|make|do|plan|work on"
    r"|watch|ask|sign|text|file|test|talk to|learn|answer"
    r"|message|ring|find|post|oil|drive|fetch|grab|forward|throw out|let) (?:the|a|an|my|some|new|up|out|to|for"
    r"|[A-Z]\w+|mum|mom|dad)\b",
    re.IGNORECASE,
)


def is_everyday(text: str) -> bool:
    return bool(EVERYDAY.match(text)) and (not NEEDS_MARK.match(text) or bool(ALWAYS.match(text)))


def is_verb(text: str) -> bool:
    return bool(LISTED.match(text))
