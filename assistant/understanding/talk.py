"""Talk that asks for nothing: greetings, thanks, praise, a question how one is."""

import re
from typing import Final

from assistant.understanding.meanings import Guidance

TO_US: Final = (
    r"(?: (?:there|again|assistant|bot|everyone|everybody|all|later|to you(?: too)?|you|u|mate|friend|buddy|dear|man"
    r"|then|for now|too|my friend))*"
)
GREETING: Final = re.compile(
    rf"(?:h+i+|hel+o+|he+y+|hiya|howdy|(?:good )?(?:morning|afternoon|evening|day|night)|greetings|yo|sup"
    rf"|what['’]?s up|bye+(?: bye)?|good ?bye|see (?:you|ya)|cya"
    rf"|take care|have a (?:good|nice|great) (?:day|night|evening|weekend|one)|welcome|salaa?m|ciao|hola"
    rf"|nice to meet you|long time no see){TO_US}",
    re.IGNORECASE,
)
HOW: Final = re.compile(
    r"how (?:are|r) (?:you|u|things)(?: (?:doing|today|going))*|how(?:['’]?s| is) (?:it|everything|life"
    r"|your day)(?: going)?|how do you do|you (?:ok|okay|good|there)"
    r"|are you (?:ok|okay|there|alive)",
    re.IGNORECASE,
)
PRAISE: Final = (
    r"(?:(?:many |so |very |ok(?:ay)?,? |great,? |perfect,? )?(?:thanks?(?: you)?|thank (?:you|u|ya)|thank|thnx|thx+"
    r"|tysm|tyvm|ty|tnx|cheers|ta|much obliged|much appreciated|(?:i )?appreciate it"
    r"|appreciated|obliged|grateful)(?: (?:you|a (?:lot|bunch|million|ton)|lots|so much|very much|again|mate"
    r"|for (?:that|your help|the help|everything)|man|kindly))*"
    r"|great|perfect|cool|nice(?: one)?|awesome|amazing|wonderful|excellent|brilliant|fantastic|lovely|super|sweet"
    r"|neat|well done|good (?:job|work|stuff|one|bot)|nice work|great job|that(?:['’]s| is) (?:great|perfect|all|it"
    r"|good|nice|awesome|fine)"
    r"|ok(?:ay)?|k+|alright|all right|fine|right|sure|got it|i see|understood|noted|makes sense|sounds good"
    r"|(?:you(?:['’]re| are)? )(?:rock|the best|great|awesome|amazing|a star|helpful|welcome)|love it|i love (?:it|you"
    r"|this)"
    r"|lol|lmao|rofl|(?:ha|he|hi)(?:ha|he|hi)+h?|haha+|hehe+|no worries|no problem|np|my pleasure|my bad"
    r"|(?:i['’]?m )?sorry|oops|whoops|apologies|wow|yay|hooray|phew|oh|ah|hm+|interesting|good to know|that works"
    r"|all good)"
)
THANKS: Final = re.compile(rf"{PRAISE}(?:[\s,.!]+{PRAISE}){{0,3}}", re.IGNORECASE)
EMOJI: Final = re.compile(r"[\s\u2600-\u27bf\ufe0f\U0001f300-\U0001faff❤]+")
TAIL: Final = " ?!.,:;)(~*"


def read_talk(text: str) -> Guidance | None:
    """Of a whole message, with or without its manners."""
    said = text.strip(TAIL)
    bare = EMOJI.sub(" ", said).strip(TAIL)
    if text.strip() and not bare:
        return Guidance.THANKS if said else None
    if HOW.fullmatch(bare):
        return Guidance.GREETING
    if THANKS.fullmatch(bare):
        return Guidance.THANKS
    return Guidance.GREETING if GREETING.fullmatch(bare) else None
