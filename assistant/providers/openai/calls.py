"""Tool calls out of the pieces of a stream.

Services number, name and identify them each in its own way: what belongs together is told by the id, else by the
name, else by whether the arguments so far are whole.
"""

import json
import re
import secrets
import string
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from assistant.providers.base import ToolCall
from assistant.providers.openai.merging import Nonsense, mapping, merge

MAX_ARGUMENTS: Final = 65_536
MAX_CALLS: Final = 64
# Mistral takes no other ids back, and everybody takes these.
LETTERS: Final = string.ascii_letters + string.digits
ID_LENGTH: Final = 9
# What Gemini ("default_api."), gpt-oss ("functions.", "<|channel|>commentary") and Kimi (":0") put around a name.
AROUND: Final = re.compile(r"(?:(?:default_api|functions?|tools?)[.:/])?(\w+?)(?::\d+|<\|.*)?", re.DOTALL)
PREFIXES: Final = ("", "default_api.", "functions.")
# A text in a text in a text.
MOST_WRAPPED: Final = 3

Piece = Mapping[str, Any]


class Calls:
    """``names`` are those that the model may call."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._made: list[dict[str, Any]] = []

    def add(self, pieces: Any) -> None:
        """Raises ``Nonsense``."""
        for piece in pieces if isinstance(pieces, list) else [pieces]:
            self._add(mapping(piece))
        if len(self._made) > MAX_CALLS:
            raise Nonsense("calls")
        if sum(len(_function(call)["arguments"]) for call in self._made) > MAX_ARGUMENTS:
            raise Nonsense("arguments")

    def _add(self, piece: Piece) -> None:
        function = mapping(piece.get("function") or {})
        arguments, name = _text_of(function.get("arguments")), function.get("name") or ""
        if not isinstance(name, str):
            raise Nonsense("name")
        call = self._begun(piece)
        if call is None or not self._continues(call, piece, name, arguments):
            # A second payload after a whole one, without a name of its own.
            name = name or (_function(call)["name"] if call else "")
            call = {"function": {"name": "", "arguments": ""}}
            self._made.append(call)
        _grow(call, piece, name, arguments)

    def _begun(self, piece: Piece) -> dict[str, Any] | None:
        """The last one that it may be more of."""
        index = piece.get("index")
        same = (call for call in reversed(self._made) if index is None or call.get("index") == index)
        is_bare = not piece.get("id") and not (piece.get("function") or {}).get("name")
        return next(same, self._made[-1] if self._made and is_bare else None)

    def _continues(self, call: dict[str, Any], piece: Piece, name: str, arguments: str) -> bool:
        function = _function(call)
        is_other = bool(piece.get("id") and call.get("id") and piece["id"] != call["id"])
        if name and not self._is_more(function, name):
            return name == function["name"] and self._is_said_again(call, piece, arguments, is_other=is_other)
        # With white space between it is one text, and no JSON.
        before = function["arguments"]
        return not (arguments.startswith("{") and before.endswith("}") and is_whole(before))

    def _is_more(self, function: Piece, name: str) -> bool:
        """Of the name, which may be split as any text: "add_" and "task"."""
        if function["arguments"] or clean_name(function["name"], self._names) in self._names:
            return False
        grown = function["name"] + name
        begun = (f"{prefix}{known}".startswith(grown) for prefix in PREFIXES for known in self._names)
        return not function["name"] or any(begun)

    def _is_said_again(self, call: Piece, piece: Piece, arguments: str, *, is_other: bool) -> bool:
        """Whether the same name stands for the same call."""
        before = _function(call)["arguments"]
        if is_whole(before):
            # The whole once more, at the end of the stream.
            return not arguments or (arguments == before and piece.get("id") == call.get("id") is not None)
        if is_other or (piece.get("index") is None and not piece.get("id")):
            return bool(before)
        return True

    @property
    def are_nameless(self) -> bool:
        return bool(self._made) and not any(_function(call)["name"] for call in self._made)

    @property
    def are_whole(self) -> bool:
        return all(is_whole(_function(call)["arguments"] or "{}") for call in self._made)

    def message(self, taken: Collection[str]) -> list[dict[str, Any]]:
        """To be sent back, each with an id of its own; those of ``taken`` are others'. What names nothing is none."""
        seen = set(taken)
        return [self._finished(call, seen) for call in self._made if _function(call)["name"]]

    def _finished(self, call: dict[str, Any], seen: set[str]) -> dict[str, Any]:
        call_id = call.get("id")
        if not isinstance(call_id, str) or not call_id.strip() or call_id in seen:
            call_id = new_id()
        seen.add(call_id)
        function = {**call["function"], "name": clean_name(call["function"]["name"], self._names)}
        # Its place in the stream is no part of it.
        rest = {name: value for name, value in call.items() if name not in ("index", "id", "type")}
        return {"id": call_id, "type": "function", **rest, "function": function}


def read(message: list[dict[str, Any]]) -> Iterator[ToolCall]:
    """As they are to be made. What is then left in the message is JSON, or no endpoint would take it back."""
    for call in message:
        function = call["function"]
        arguments = unwrapped(function["arguments"])
        function["arguments"] = arguments if is_whole(arguments) else "{}"
        yield ToolCall(call["id"], function["name"], arguments)


def unwrapped(text: str) -> str:
    """Without the texts around an object: ``"{\\"title\\": ...}"``. Nothing at all is an object without arguments."""
    for _ in range(MOST_WRAPPED):
        if not text.strip().startswith('"'):
            break
        try:
            inner = json.loads(text)
        except ValueError:
            break
        text = inner if isinstance(inner, str) else text
    return text if text.strip() not in ("", "null") else "{}"


def is_whole(text: str) -> bool:
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def clean_name(name: str, names: Collection[str]) -> str:
    found = AROUND.fullmatch(name)
    return found[1] if found and found[1] in names else name


def new_id() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH))


def _grow(call: dict[str, Any], piece: Piece, name: str, arguments: str) -> None:
    function = _function(call)
    if name != function["name"]:
        function["name"] += name
    if not (arguments == function["arguments"] and is_whole(arguments)):
        function["arguments"] += arguments
    inner = mapping(piece.get("function") or {})
    merge(function, {key: value for key, value in inner.items() if key not in ("name", "arguments")})
    # The first id stands: some make one for each piece.
    merge(
        call, {key: value for key, value in piece.items() if key != "function" and not (key == "id" and call.get(key))}
    )


def _text_of(arguments: Any) -> str:
    """Some send the object itself."""
    if isinstance(arguments, str):
        return arguments
    if arguments is None:
        return ""
    if not isinstance(arguments, Mapping):
        raise Nonsense("arguments")
    return json.dumps(arguments, ensure_ascii=False)


def _function(call: Mapping[str, Any]) -> dict[str, Any]:
    function: dict[str, Any] = call["function"]
    return function
