"""What an endpoint did not take of a request, read from the words of its refusal, and what to send instead."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from assistant.providers.base import Prompt
from assistant.providers.openai.messages import unknown_fields
from assistant.providers.openai.terms import LONG_IDS, MAX_TOKENS, TOOL_CHOICE, TOOLS, Terms

# With fewer an answer would break off.
FEWEST_TOKENS: Final = 256
# What counting may have left out.
MARGIN: Final = 16
# Not every endpoint takes each of these. OpenAI's reasoning models take no max_tokens, Mistral knows no other; Mistral
# (422) and Bedrock behind Databricks (400) refuse stream_options; gpt-5.6 and gpt-6 take tools here only with an
# effort of "none".
INSTEAD: Final[Mapping[str, Callable[[Terms], Mapping[str, Any]]]] = {
    "max_completion_tokens": lambda terms: {"max_tokens": terms.options.get("max_completion_tokens", MAX_TOKENS)},
    "stream_options": lambda terms: {},
    "reasoning_effort": lambda terms: {"reasoning_effort": "none"},
}
# Words of JSON Schema that not everybody knows.
KEYWORDS: Final = ("additionalProperties", "minLength", "maxLength", "maxItems", "minimum", "maximum")

OVER: Final = re.compile(
    r"max_(?:completion_|new_)?tokens.*(?:too (?:large|high|big)|at most|less than|no more than|exceed|limited|range"
    r"|maximum|<=)|(?:too (?:large|high|big)|exceed|maximum|limit).*max_(?:completion_|new_)?tokens"
    r"|completion tokens|context (?:length|window|size)",
    re.IGNORECASE | re.DOTALL,
)
CONTEXT: Final = re.compile(r"(?:context (?:length|window|size)(?: is|:| of)?|must be <=) (\d+)", re.IGNORECASE)
ASKED: Final = re.compile(
    r"(\d+) (?:tokens )?(?:in|from) (?:the |your )?(?:messages|input|prompt)|has (?:at least )?(\d+) input tokens"
    r"|Given: (\d+) `?inputs",
    re.IGNORECASE,
)
STATUS: Final = re.compile(r"'(?:code|status|status_code)': '?\d+'?")
NUMBER: Final = re.compile(r"(?<![\w.-])\d{1,7}(?![\w-])")
CHOICE: Final = re.compile("tool[_ ]choice", re.IGNORECASE)
NO_TOOLS: Final = re.compile(
    r"(?:not|n't) support (?:tools?\b|tool (?:use|calling)|function calling)|support tool use|enable-auto-tool-choice"
    r"|requires? --jinja|\btools?\b[^.]{0,20} (?:is|are) not (?:supported|allowed)",
    re.IGNORECASE,
)
SHORT_IDS: Final = re.compile(r"tool.call.id.*length of 9", re.IGNORECASE | re.DOTALL)
# DeepSeek's own reasoning, which it misses.
WANTED: Final = re.compile(r"must be (?:passed|sent|provided)|required|missing", re.IGNORECASE)
SCHEMA: Final = re.compile("tool|function|schema|parameter", re.IGNORECASE)

# What was not taken, by its name, and what is sent from now on.
Change = tuple[str, Terms]


def give_way(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    """None where the refusal does not tell, or of nothing that could be left out."""
    ways = (way(terms, refusal, prompt) for way in WAYS)
    return next((change for change in ways if change), None)


def _lower_limit(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    name = next((name for name in ("max_completion_tokens", "max_tokens") if name in terms.options), None)
    if name is None or not OVER.search(refusal):
        return None
    limit = _limit(refusal, terms.options[name])
    return (name, terms.limit(name, limit)) if limit >= FEWEST_TOKENS else None


def _limit(refusal: str, sent: int) -> int:
    """The most that it names, less what the question takes; half of what was sent where it names nothing."""
    context, asked = CONTEXT.search(refusal), ASKED.search(refusal)
    if context:
        told = next((int(count) for count in asked.groups() if count), 0) if asked else 0
        return min(int(context[1]) - told - MARGIN, sent if told else sent // 2)
    numbers = [int(number) for number in NUMBER.findall(STATUS.sub("", refusal).replace(",", ""))]
    return max((number for number in numbers if 0 < number < sent), default=sent // 2)


def _drop_field(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    sent = unknown_fields(prompt.messages) - terms.refused
    named = next((name for name in sorted(sent) if _names(refusal, name)), None)
    return (named, terms.refuse(named)) if named and not WANTED.search(refusal) else None


def _leave_choice(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    if not prompt.tools or TOOL_CHOICE in terms.refused or not CHOICE.search(refusal):
        return None
    return TOOL_CHOICE, terms.refuse(TOOL_CHOICE)


def _put_tools_in_words(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    if not prompt.tools or TOOLS in terms.refused or not NO_TOOLS.search(refusal):
        return None
    return TOOLS, terms.refuse(TOOLS)


def _shorten_ids(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    return (LONG_IDS, terms.refuse(LONG_IDS)) if LONG_IDS not in terms.refused and SHORT_IDS.search(refusal) else None


def _replace_option(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    name = next((name for name in INSTEAD if name in refusal and name not in terms.refused), None)
    return (name, terms.refuse(name, **INSTEAD[name](terms))) if name else None


def _plainer_schema(terms: Terms, refusal: str, prompt: Prompt) -> Change | None:
    named = next((name for name in KEYWORDS if name not in terms.refused and _names(refusal, name)), None)
    return (named, terms.refuse(named)) if named and prompt.tools and SCHEMA.search(refusal) else None


WAYS: Final[Sequence[Callable[[Terms, str, Prompt], Change | None]]] = (
    _lower_limit,
    _drop_field,
    _leave_choice,
    _put_tools_in_words,
    _shorten_ids,
    _replace_option,
    _plainer_schema,
)


def _names(refusal: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", refusal) is not None
