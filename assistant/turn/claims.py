"""What a model says it has done, and has not."""

import re
from collections.abc import Iterable
from typing import Final

from assistant.tools.results import Step

NOT_DONE: Final = "Nothing was changed, though: no task was added, changed or deleted just now."
DEEDS: Final = (
    "added|created|completed|marked|ticked|checked|deleted|removed|updated|changed|edited|moved|renamed|rescheduled|set|saved"
    "|tagged|untagged|reopened|cleared|scheduled|postponed|noted"
)
# Not "you have completed", "could be deleted", "nothing has been changed".
CLAIM: Final = re.compile(
    rf"^\W*(?:all |it[\u2019']?s )?(?:done|all set)\b"
    rf"|^\W*(?:successfully )?(?:added|created|completed|deleted|removed|updated|renamed|rescheduled|saved)\b"
    rf"|\b(?:i|we)(?:[\u2019']ve| have)? (?:just |now |already |successfully |also )*(?:{DEEDS})\b"
    rf"|\b(?:has|have) (?:now |just |already )?been (?:successfully )?(?:{DEEDS})\b"
    rf"|\b(?:was|were|is|are) successfully (?:{DEEDS})\b"
    r"|\b(?:is|are) now (?:marked|completed?|done|due|set|tagged|called|deleted|gone|on your list)\b"
    r"|\b(?:habe|wurden?)\b[^.?!\n]{0,80}\b(?:hinzugef\u00fcgt|gel\u00f6scht|erledigt|ge\u00e4ndert|verschoben|erstellt)\b"
    r"|\b(?:he|ha sido|se ha)\b[^.?!\n]{0,80}\b(?:a\u00f1adid|agregad|eliminad|borrad|completad|cambiad|cread)[oa]s?\b"
    r"|\b(?:j[\u2019']ai|a \u00e9t\u00e9)\b[^.?!\n]{0,80}\b(?:ajout|supprim|termin|modifi|cr\u00e9)\u00e9e?s?\b"
    r"|\b(?:add|delete|complete|mukammal|shamil|khatam) (?:kar|ho) (?:diya|di|dia|gaya|gayi)\b"
    r"|(?:\u0634\u0627\u0645\u0644|\u062d\u0630\u0641|\u0645\u06a9\u0645\u0644) \u06a9\u0631 \u062f\u06cc\u0627?",
    re.IGNORECASE | re.MULTILINE,
)
DENIED: Final = re.compile(r"\b(?:nothing|none|no tasks?|if|once|after|when|unless)\b[^.?!\n]{0,60}$", re.IGNORECASE)


def correction(text: str, steps: Iterable[Step]) -> str:
    """Nothing where a change was planned, or none is claimed."""
    if any(step.change for step in steps):
        return ""
    claims = (claim for claim in CLAIM.finditer(text) if not DENIED.search(text[: claim.start()]))
    return NOT_DONE if any(claims) else ""
