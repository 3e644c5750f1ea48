"""What surrounds a command: politeness is put aside; negations, conditions and questions make it none."""

import re
from typing import Final

from assistant.understanding.meanings import Guidance

POLITE: Final = re.compile(
    r"(?:(?:hey|hi|hello|hiya|ok|okay|so|well|now|and|also|then|next|first|finally|alright|right|great|good|thanks"
    r"|thank you|cool|perfect|yes|yeah|yep|sure"
    r"|good (?:morning|afternoon|evening)|hey there|hi there|assistant|bot|please|pls|kindly|quickly|just|actually"
    r"|oh|um|hm+)\b[,!.:\s]+"
    r"|(?:can|could|would|will) (?:you|u)(?: (?:please|kindly|just|maybe|also|now|quickly|perhaps))*[,\s]+(?!be\b"
    r"|have\b|mind\b)"
    r"|(?:i(?:['’]d| would) (?:like|love|want)(?: you)? to|i (?:need you|want you|would like you|want|wanna"
    r"|wish)(?: to)?(?= )|i['’]d like you to"
    r"|would you mind|do you mind|please can you|let['’]?s|let us|go ahead and|help me(?: to)?|you (?:can|should"
    r"|may|must)(?: now)?|it['’]?s time to|time to"
    r"|(?:(?:would|could|will) you )?be so (?:kind|good) (?:as )?to|be a dear and|any chance (?:you|u) (?:can|could)"
    r"|is it possible to|i(?:['’]d| would) appreciate it if you(?: could)?)[,\s]+)",
    re.IGNORECASE,
)
REMIND: Final = "remind me to"
# Many ways to ask for a reminder, all of which mean "remind me to".
FRAME: Final = re.compile(
    r"(?:(?:(?:i|we)(?:['’]d| would)? (?:(?:really|just|also|still|do) )*(?:need|want|like|have|ought|wanna"
    r"|wish)(?: to)?"
    r"|need to|i must|must|have to|i gotta|help me|can i|could i|may i|make sure (?:that )?i|make sure to)"
    r" (?:to )?(?:remember|be reminded|get reminded|(?:(?:get|have|set|set up|put|create|add"
    r"|make) )?(?:myself )?(?:an? )?reminders?)"
    r"|i (?:do not|don['’]?t|must ?n['’]?t|must not|can['’]?t|cannot|should ?n['’]?t|should not)(?: want to)? forget"
    r"|(?:get|have|make) me to(?: remember)?(?! (?:work|school|the airport)\b)|help me (?:to )?remember"
    r"|i need you to remind me|i want you to remind me"
    r"|please see that i don['’]?t forget)"
    r"(?: (?:to|about|of|for|that i (?:need|have|must)(?: to)?)(?= )|:)?(?= )",
    re.IGNORECASE,
)
# After "would you mind", "how about".
GERUNDS: Final = {
    "adding": "add",
    "putting": "put",
    "creating": "create",
    "making": "make",
    "removing": "remove",
    "deleting": "delete",
    "marking": "mark",
    "completing": "complete",
    "moving": "move",
    "changing": "change",
    "showing": "show",
    "listing": "list",
    "setting": "set",
    "renaming": "rename",
    "reminding": "remind",
    "telling": "tell",
    "postponing": "postpone",
    "ticking": "tick",
    "crossing": "cross",
    "noting": "note",
}
GERUND: Final = re.compile(rf"({'|'.join(GERUNDS)}) ", re.IGNORECASE)
# As in "can I see my tasks", which asks for no permission.
MAY_I_SEE: Final = re.compile(r"(?:can|could|may) (?:i|we) (?:please )?(?=see|get|have a|view|look)", re.IGNORECASE)
MOST_WRAPPERS: Final = 12
THANKS_AFTER: Final = re.compile(
    r"(?:[\s,.!?]|\b(?:please|pls|thanks|thank you|thx|cheers|for me|will you|would you|could you|ok|okay"
    r"|if you (?:can|could|please|don['’]t mind|would)"
    r"|when you (?:can|have time)|very much|so much|a lot|mate)\b)+$",
    re.IGNORECASE,
)
TAKEN_BACK: Final = re.compile(
    r"^(?:oh |ok(?:ay)? |no,? |actually,? )*(?:never ?mind|forget (?:it|that|about it)|scratch that|cancel(?: that"
    r"| it)?|stop(?: it)?|nothing|no(?:pe)?|not now|wait)\b[\s.,!]*$"
    r"|[,.;!?\-–—\s](?:no,? wait|wait,? no|never ?mind|scratch that|just kidding|kidding|jk|forget (?:it|that)"
    r"|on second thoughts?|actually,? (?:no|don['’]t|not)"
    r"|or (?:maybe )?not|not really|cancel that|not)[\s.!?]*$",
    re.IGNORECASE,
)
NEGATED: Final = re.compile(
    r"(?:(?:no|oh|but|and|so|well|hey|ok|okay|wait|please|actually)\b[,.!\s]+)*"
    r"(?:(?:please )?(?:do not|don['’]?t|never|not|no need to|you (?:must|should|need|do|may|can)(?: ?not|n['’]?t)"
    r"|(?:i|we) (?:do not|don['’]?t|did ?n['’]?t|did not|never|wo ?n['’]?t"
    r"|will not|would ?n['’]?t|have ?n['’]?t|have not|can ?not|can['’]?t|could ?n['’]?t|should ?n['’]?t"
    r"|must ?n['’]?t|am not|ain['’]t)|i['’]?(?:m|ve) (?:not|never)"
    r"|stop|avoid|refrain|without|instead of|rather than|let['’]?s not|nobody|no one)\b)",
    re.IGNORECASE,
)
# "don't forget to buy milk" asks for a task.
NOT_A_NEGATION: Final = re.compile(
    r".{0,40}?\b(?:forget|let me forget|fail) (?:to|about|that|the|i)\b", re.IGNORECASE | re.DOTALL
)
WONDERED: Final = re.compile(
    r"(?:what (?:happens|would|will|if|about|should happen|does|do you|did|can you tell)|how (?:do|does|can|could"
    r"|would|should|to|come|did|about|is|are|long|is it|i)|why|when (?:do|does|did|should|will|would|can|i|you)"
    r"|who|whose|whether|if|suppose|supposing|imagine|assume|should|shall|must (?:i|we)|do i (?:need|want|really)"
    r"|do (?:you|we|they)|does|did|is it|is this|is that|are you|am i|was|were|has|had"
    r"|have you|may (?:i|we)|can (?:i|we|it|this|one|a|the|tasks?)|could (?:i|we|it|this)|would (?:it|i|that|this)"
    r"|will (?:it|i|that|this|the)|might|maybe|perhaps|possibly|probably"
    r"|(?:i|we|he|she|they|you|it|someone) (?:might|may|could|would|should|was|were|had|said|told|asked|wrote"
    r"|think|thought|guess|suppose|wonder|wish|hope|deleted|removed|added|tried|forgot|considered|plan|used)"
    r"|i(?:['’]m| am) (?:thinking|wondering|considering|not sure|unsure|going to|about to|afraid|trying)"
    r"|i['’]d (?:rather|never|better)|i['’]ll|i will|i wonder|wondering|thinking (?:about|of)|tell me (?:how|why"
    r"|if|whether|what happens)"
    r"|is \S+ (?:done|finished|completed?)|explain)\b",
    re.IGNORECASE,
)
ABOUT_US: Final = re.compile(
    r"(?:how|what|can|could|do|tell me|explain|is it|are you|who)\b.*\b(?:you|work|use|task|tasks|this|add|delete"
    r"|complete|rename|reopen|command|commands)\b",
    re.IGNORECASE | re.DOTALL,
)


def without_manners(text: str) -> str:
    for _ in range(MOST_WRAPPERS):
        text = text.lstrip(" ,.;:?-\n")
        match = None if FRAME.match(text) else POLITE.match(text) or MAY_I_SEE.match(text)
        if not match or match.end() == len(text):
            break
        text = text[match.end() :]
    return _without_thanks(_unframed(text))


def _unframed(text: str) -> str:
    if match := FRAME.match(text):
        return f"{REMIND} {text[match.end() :].lstrip()}" if text[match.end() :].strip() else text
    if match := GERUND.match(text):
        return f"{GERUNDS[match[1].lower()]} {text[match.end() :]}"
    return text


def _without_thanks(text: str) -> str:
    """The end of a clause is short; what comes before need not be searched."""
    match = THANKS_AFTER.search(text, max(0, len(text) - 60))
    return text[: match.start()] if match and match.start() else text.strip()


def why_nothing(clause: str, text: str) -> Guidance | None:
    """Why a clause is no command; ``text`` is what it is without its manners."""
    if TAKEN_BACK.search(clause, max(0, len(clause) - 60)):
        return Guidance.NOTHING
    if text.startswith(REMIND):
        return None
    if NEGATED.match(text) or NEGATED.match(clause):
        return None if NOT_A_NEGATION.match(text) else Guidance.NOTHING
    if WONDERED.match(text):
        return (
            Guidance.HELP
            if ABOUT_US.match(text) and text.count(".") == 0 and _is_question(clause)
            else Guidance.NOTHING
        )
    return None


def _is_question(clause: str) -> bool:
    return clause.rstrip().endswith("?") or bool(re.match(r"(?:how|what|why|who|explain)\b", clause, re.IGNORECASE))
