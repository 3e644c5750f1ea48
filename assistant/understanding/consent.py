"""Whether a message as a whole says yes, or no, to what was asked."""

import re
from typing import Final

YES: Final = (
    r"(?:y|ye[sp]+|yess+|yeah+|yea|yup|yah?|aye|sure(?: thing)?|ok(?:ay)?|okey|k|definitely|absolutely|certainly"
    r"|of course|totally"
    r"|correct|right|(?:that['’]?s|that is|this is) (?:right|correct|fine|ok(?:ay)?|what i (?:want|meant?))|exactly"
    r"|indeed"
    r"|confirm(?:ed)?|i confirm|i do|i am|i['’]?m sure|i am sure|(?:please )?(?:do (?:it|that|so|this)|do)"
    r"|go(?: right)? ahead"
    r"|go for it|go on|proceed|make it so|affirmative|agreed|sounds good|fine|al+ ?right|carry on|continue"
    r"|👍|👌|✅|✔️?)"
)
WITH_YES: Final = (
    r"(?:please|pls|thanks|thank you|thx|then|now|and|just|go|do|so|i|very|all|with it|them|it|those|that|everything"
    r"|already|away|delete|remove"
    r"|complete|erase|change|finish|reopen|mark)"
)
NO: Final = (
    r"(?:n|no+|nope|nah|no way|never|not (?:yet|now|really|today|at all)|hold on|wait(?: a (?:sec|second|minute|moment"
    r"|bit))?|hang on"
    r"|(?:i['’]?d |i would )?(?:rather|better) not|(?:please )?(?:do not|don['’]?t)(?: do (?:it|that))?|stop(?: it)?"
    r"|cancel(?: it| that)?|abort"
    r"|never ?mind|forget (?:it|that|about it)|leave (?:it|them|that|those|everything)(?: alone| be| as (?:it"
    r"|they) (?:is|are))?"
    r"|keep (?:it|them|those|everything)|(?:i )?changed my mind|negative|absolutely not|definitely not|of course not"
    r"|certainly not"
    r"|i don['’]?t want (?:that|it|to)|👎|❌)"
)
WITH_NO: Final = r"(?:please|pls|thanks|thank you|thx|then|now|and|just|hm+|oh|sorry|actually|ok(?:ay)?|but|yet)"
GAP: Final = r"[\s,.!;\-–—]*"
SAYS_YES: Final = re.compile(
    rf"{GAP}(?:{WITH_YES}{GAP}\b)?{YES}(?:{GAP}(?:(?<!\w)|(?<=\s))(?:{YES}|{WITH_YES})(?!\w))*{GAP}", re.IGNORECASE
)
SAYS_NO: Final = re.compile(
    rf"{GAP}(?:{WITH_NO}(?!\w){GAP})*{NO}(?:{GAP}(?<!\w)(?:{NO}|{WITH_NO})(?!\w))*{GAP}", re.IGNORECASE
)
LONGEST: Final = 60


def answer_to(message: str) -> bool | None:
    """None: something else, as a question is: "yes?" asks what would happen."""
    said = message.strip()
    if len(said) > LONGEST or "?" in said:
        return None
    if SAYS_NO.fullmatch(said):
        return False
    return True if SAYS_YES.fullmatch(said) else None


def is_yes(message: str) -> bool:
    return answer_to(message) is True
