"""The names that dates are made of."""

from collections.abc import Mapping
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONG_WEEKDAY: Final = rf"(?:{'|'.join(WEEKDAYS)})"
# Short names that are no other word, and those that are.
SHORT: Final = r"(?:tues?|weds|thu(?:rs?)?|fri)"
DOUBTFUL: Final = r"(?:mon|wed|sat|sun)"
ANY_WEEKDAY: Final = rf"(?:{LONG_WEEKDAY}|{SHORT}|{DOUBTFUL})"
LONG_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
NUMBERS: Final[Mapping[str, int]] = {
    word: number
    for number, words in enumerate(
        (
            *("", "a an one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
            "twenty",
        )
    )
    for word in words.split()
} | {"a couple of": 2, "couple of": 2, "a couple": 2, "a few": 3, "few": 3, "thirty": 30, "ninety": 90}
NUMBER: Final = rf"(?:\d{{1,4}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
UNITS: Final = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
ORDINALS: Final[Mapping[str, int]] = (
    {word: number for number, word in enumerate(UNITS, start=1)}
    | {"twentieth": 20, "thirtieth": 30, "thirty-first": 31, "thirty first": 31}
    | {f"twenty{gap}{word}": 20 + number for number, word in enumerate(UNITS[:9], start=1) for gap in "- "}
)
SPELLED_ORDINAL: Final = rf"(?:{'|'.join(sorted(ORDINALS, key=len, reverse=True))})"
ORDINAL: Final = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{SPELLED_ORDINAL})"


def number_of(word: str) -> int:
    word = word.lower()
    return NUMBERS.get(word) or int(word)


def ordinal_of(word: str) -> int:
    word = word.lower()
    return ORDINALS.get(word) or int(word.rstrip("stndrh"))


def weekday_of(name: str) -> int:
    return next(number for number, day in enumerate(WEEKDAYS) if day.startswith(name[:3].lower()))


def month_of(name: str) -> int:
    return next(number for number, month in enumerate(LONG_MONTHS, start=1) if month.startswith(name[:3].lower()))
