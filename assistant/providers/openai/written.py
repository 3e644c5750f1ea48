"""Tool calls that a model wrote into its text, because it or its server has no other way.

What models write: Hermes and Qwen ``<tool_call>{...}``, Llama ``<function=name>{...}`` and Python, Mistral
``[TOOL_CALLS]``, DeepSeek, Kimi, GLM, MiniMax and gpt-oss with marks of their own. The name stands before the object
or in it.
"""

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from assistant.providers.openai.calls import clean_name

Call = tuple[str, dict[str, Any]]

NAMES: Final = ("name", "tool", "tool_name", "function")
ARGUMENTS: Final = ("arguments", "parameters", "args", "input", "params")
# An element of its own for each argument: ``<invoke name="x"><parameter name="k">v</parameter></invoke>``.
ELEMENT: Final = re.compile(
    r"<[^<>\w]*(?:DSML[^<>\w]*)?(?:function=|(?:invoke|call_record|function)\s+(?:name|tool)=)\"?(?P<name>[\w.:]+)\"?[^<>]*>"
    r"(?P<body>.*?)(?=</[^<>]*(?:function|invoke|call_record)[^<>]*>|<[^<>/]*(?:function=|invoke |call_record )|\Z)",
    re.DOTALL,
)
PARAMETER: Final = re.compile(
    r"<[^<>\w]*(?:DSML[^<>\w]*)?parameter(?:=|\s+name=)\"?(?P<name>\w+)\"?[^<>]*>(?P<value>.*?)</[^<>]*parameter>",
    re.DOTALL,
)
PAIR: Final = re.compile(r"<arg_key>(?P<name>.*?)</arg_key>\s*<arg_value>(?P<value>.*?)</arg_value>", re.DOTALL)
PAIRS: Final = re.compile(r"<tool_call>\s*(?P<name>\w+)\s*(?P<body><arg_key>.*?)(?:</tool_call>|\Z)", re.DOTALL)
# What may stand around a call in Python.
FENCE: Final = re.compile(r"```\w*|</?tool_code>|</?tool_calls?>|<\|python_tag\|>|<\|python_(?:start|end)\|>|;")
# Where the answer of gpt-oss begins; before it are thoughts.
FINAL: Final = re.compile(r".*<\|channel\|>final<\|message\|>|<\|[a-z_]+\|>", re.DOTALL)


def written_calls(text: str, names: Collection[str]) -> Sequence[Call]:
    """Those of a text that begins with one. Of other tools than those of ``names`` there are none."""
    for read in (_elements, _pairs, _objects, _python):
        if calls := [call for call in read(text, names) if call[0] in names]:
            return calls
    return ()


def answer_in(text: str) -> str:
    """What is no call."""
    return FINAL.sub("", text).strip() if text.startswith("<|") else text


def _elements(text: str, names: Collection[str]) -> Iterator[Call]:
    for element in ELEMENT.finditer(text):
        found = {p["name"]: p["value"].strip() for p in PARAMETER.finditer(element["body"])}
        whole = None if found else _object(element["body"].strip())
        yield clean_name(element["name"], names), found or whole or {}


def _pairs(text: str, names: Collection[str]) -> Iterator[Call]:
    for call in PAIRS.finditer(text):
        yield call["name"], {p["name"].strip(): p["value"].strip() for p in PAIR.finditer(call["body"])}


def _objects(text: str, names: Collection[str]) -> Iterator[Call]:
    name = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, names))})(?!\w)") if names else None
    decoder = json.JSONDecoder()
    place = end = 0
    while (place := text.find("{", end)) >= 0:
        try:
            found, after = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        before = name.findall(text[end:place]) if name else []
        end = after
        if calls := list(_named(found, names)):
            yield from calls
        elif before:
            yield before[-1], found


def _named(found: Mapping[str, Any], names: Collection[str]) -> Iterator[Call]:
    """What an object holds of calls."""
    inner = found.get("tool_calls")
    if isinstance(inner, list):
        for call in inner:
            yield from _named(call, names) if isinstance(call, Mapping) else ()
        return
    if isinstance(function := found.get("function"), Mapping):
        found = function
    name = next((found[key] for key in NAMES if isinstance(found.get(key), str)), "")
    arguments = next((found[key] for key in ARGUMENTS if key in found), None)
    if isinstance(arguments, str):
        arguments = _object(arguments)
    if isinstance(arguments, dict):
        yield clean_name(name, names), arguments


def _python(text: str, names: Collection[str]) -> Iterator[Call]:
    try:
        tree = ast.parse(FENCE.sub("\n", text).strip(), mode="exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            try:
                name = ast.unparse(node.func)
                given = {k.arg or "": ast.literal_eval(k.value) for k in node.keywords} if name != "print" else {}
            except (ValueError, RecursionError):
                return
            if name != "print":
                yield clean_name(name, names), given


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
