"""When two words are forms of one, or the one a slip of the other."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

# Forms that no rule makes; whoever says "swept" has a task "sweep".
IRREGULAR: Final[Mapping[str, str]] = {
    form: verb
    for verb, forms in {
        "be": "was were been", "begin": "began begun", "bend": "bent", "bleed": "bled", "break": "broke broken",
        "bring": "brought", "build": "built", "buy": "bought", "catch": "caught", "choose": "chose chosen",
        "come": "came", "deal": "dealt", "dig": "dug", "do": "did done", "draw": "drew drawn", "drive": "drove driven",
        "eat": "ate eaten", "feed": "fed", "find": "found", "fly": "flew flown", "get": "got gotten", "give": "gave"
        " given",
        "go": "went gone", "grow": "grew grown", "hang": "hung", "have": "had", "hear": "heard", "hide": "hid hidden",
        "hold": "held", "keep": "kept", "know": "knew known", "lay": "laid", "lead": "led", "leave": "left",
        "lend": "lent", "light": "lit", "make": "made", "mean": "meant", "meet": "met", "pay": "paid", "ride": "rode"
        " ridden",
        "ring": "rang rung", "run": "ran", "say": "said", "see": "saw seen", "sell": "sold", "send": "sent",
        "sew": "sewn", "shake": "shook shaken", "shoot": "shot", "show": "shown", "sing": "sang sung", "sleep": "slept",
        "speak": "spoke spoken", "spend": "spent", "steal": "stole stolen", "stick": "stuck", "sweep": "swept",
        "swim": "swam swum", "take": "took taken", "teach": "taught", "tear": "tore torn", "tell": "told",
        "think": "thought", "throw": "threw thrown", "wake": "woke woken", "wear": "wore worn", "win": "won",
        "write": "wrote written",
    }.items()
    for form in forms.split()
}  # fmt: skip
# A shorter word is a slip of too many others.
SHORTEST_SLIP: Final = 4
LONG: Final = 8


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Of a folded English word; other words stay as they are, or nearly."""
    # Here, because the package takes some 15 ms to import, which a turn without tasks' names need not pay.
    from snowballstemmer.english_stemmer import EnglishStemmer

    # One each time: it keeps its word in itself, and threads share this module.
    stemmed: str = EnglishStemmer().stemWord(IRREGULAR.get(word, word))
    return stemmed


@lru_cache(maxsize=4096)
def root(word: str) -> str:
    """What every form of the word begins with."""
    verb, stemmed = IRREGULAR.get(word, word), stem(word)
    while not verb.startswith(stemmed) and len(stemmed) > 1:
        stemmed = stemmed[:-1]
    return stemmed.removesuffix("i") if len(stemmed) > 3 else stemmed


def is_slip(word: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too much or in its neighbour's place; of long words two are."""
    if min(len(word), len(other)) < SHORTEST_SLIP or word[0] != other[0]:
        return False
    return _distance(word, other) <= (2 if min(len(word), len(other)) >= LONG else 1)


def closest(word: str, others: Iterable[str]) -> str | None:
    return next((other for other in others if is_slip(word, other)), None)


def _distance(word: str, other: str) -> int:
    """Damerau and Levenshtein's, restricted; 3 for whatever is further apart."""
    if abs(len(word) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        before_that, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if before_that and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                cost = min(cost, before_that[j - 2] + 1)
            row.append(cost)
    return min(row[-1], 3)
