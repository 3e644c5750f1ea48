"""Words for times of the day: "at 9", "5pm", "14:30", "noon", "in the morning"."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Final

PARTS: Final[Mapping[str, int]] = {"morning": 9, "afternoon": 15, "evening": 18, "night": 21}
NAMED: Final[Mapping[str, int]] = {"noon": 12, "midday": 12, "midnight": 0}
# Nobody is reminded "at 5" of the night; who means it says "5am" or "05".
AFTERNOON: Final = ("1", "2", "3", "4", "5", "6")
# "at 10 Downing Street" is no time: a bare hour stands at the end or before what may follow one.
AFTER_HOUR: Final = (
    r"(?=\s*(?:$|[,.;:!?#)]|(?:on|by|in|for|with|to|and|this|next|today|tonight|tomorrow"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b))"
)
TIME: Final = re.compile(
    r"(?<![\w:.])(?:"
    r"(?P<hour_12>1[0-2]|0?[1-9])(?:[:.](?P<minute_12>[0-5]\d))? ?(?P<half>a|p)\.?m\b\.?"
    r"|(?:at )?(?P<hour_24>[01]?\d|2[0-3]):(?P<minute_24>[0-5]\d)(?::[0-5]\d)?(?![\w:]| [ap]\.?m\b)"
    rf"|(?:at|by|before|until) (?P<hour>[01]?\d|2[0-3])(?: o['’]?clock)?(?![\w:/-]){AFTER_HOUR}"
    r"|(?P<named>noon|midday|midnight)\b"
    r")(?:,? (?P<refined>in the (?:morning|afternoon|evening)|at night)\b)?"
    r"|\b(?:in the |this )?(?P<part>morning|afternoon|evening|night)\b(?!['’]s)",
    re.IGNORECASE,
)


def read_time(match: re.Match[str], *, at_night: bool = False) -> time:
    """``at_night``: the day was called "tonight", so that nine is 21:00."""
    if match["named"]:
        return time(NAMED[match["named"].lower()])
    if match["part"]:
        return time(PARTS[match["part"].lower()])
    if match["hour"] and not match["refined"] and match["hour"] in AFTERNOON and not at_night:
        return time(int(match["hour"]) + 12)
    hour = int(match["hour_12"] or match["hour_24"] or match["hour"])
    minute = int(match["minute_12"] or match["minute_24"] or 0)
    is_late = at_night or (match["refined"] or "").lower().endswith(("afternoon", "evening", "night"))
    if match["half"]:
        return time(hour % 12 + (12 if match["half"].lower() == "p" else 0), minute)
    return time(hour + 12 if is_late and 0 < hour < 12 else hour, minute)
