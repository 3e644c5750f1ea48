"""One answer out of the chunks of a stream (OpenAI's chat completions), whole and as it came.

Our own, because the SDK's accumulation needs each tool call's ``index``, which Gemini leaves out, and joins
every text, also an ``id`` that some services repeat in each chunk. What is unknown here stays in the message:
Gemini refuses the next call of a turn without its ``extra_content.google.thought_signature``, others want
their reasoning back.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from assistant.providers.base import ToolCall
from assistant.providers.openai.calls import Calls, new_id, read
from assistant.providers.openai.merging import Nonsense, mapping, merge, storable
from assistant.providers.openai.prose import Prose
from assistant.providers.openai.written import answer_in, written_calls

MAX_TEXT: Final = 65_536
# Of the parts of a text those that are text.
TEXTS: Final = (None, "text", "output_text")


class Completion:
    """``names`` are those of the tools; ``is_aloud``: such an answer begins within a thought."""

    def __init__(self, names: Collection[str] = (), *, is_aloud: bool = False) -> None:
        self._names = names
        self._message: dict[str, Any] = {}
        self._calls = Calls(names)
        self._prose = Prose(names, is_aloud=is_aloud)
        self._length = 0
        self.has_begun = False
        self.finish: str | None = None
        # As the provider counts; None while it has not.
        self.tokens: int | None = None
        # For the person.
        self.text = ""
        self.written: Sequence[tuple[str, dict[str, Any]]] = ()
        self._is_cut = False

    @property
    def has_leaked(self) -> bool:
        """Whether more has been given out than ``text``: a thought that did not look like one."""
        return self._prose.has_leaked

    @property
    def are_calls_whole(self) -> bool:
        return self._calls.are_whole

    def add(self, chunk: Mapping[str, Any]) -> str:
        """Returns what can be shown by now. Raises ``Nonsense``."""
        usage = mapping(chunk.get("usage") or {})
        if isinstance(total := usage.get("total_tokens"), int) and total > 0:
            self.tokens = total
        choices = chunk.get("choices") or []
        if not isinstance(choices, list):
            raise Nonsense("choices")
        # The last chunk holds the usage and no choice.
        return self._add_choice(mapping(choices[0])) if choices else ""

    def _add_choice(self, choice: Mapping[str, Any]) -> str:
        self.finish = choice.get("finish_reason") or self.finish
        # Who does not stream sends the message as a whole; some do so at the end of a stream too.
        whole = {} if self.has_begun else choice.get("message") or {}
        self.has_begun = True
        delta = dict(mapping(storable(choice.get("delta") or whole)))
        self._calls.add(delta.pop("tool_calls", None) or [])
        if function := delta.pop("function_call", None):
            # Of before there were several.
            self._calls.add([{"index": 0, "function": function}])
        text = "".join(_text_of(delta.pop(name, None)) for name in ("content", "refusal"))
        merge(self._message, delta)
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise Nonsense("text")
        return self._show(self._prose.add(text))

    def _show(self, text: str) -> str:
        if self._prose.has_leaked and not self._is_cut:
            self.text, self._is_cut = "", True
        self.text += text
        return text

    def end(self, said: Collection[str]) -> str:
        """What is left to show. A call that stands in what was ``said`` to the model is a quotation."""
        shown = self._show(self._prose.end())
        held = self._prose.held.strip()
        if held and not any(held in text for text in said):
            self.written = written_calls(held, self._names)
        if self.written or not held:
            return shown
        return shown + self._show(answer_in(held))

    def reply(self, taken: Collection[str]) -> tuple[dict[str, Any], tuple[ToolCall, ...]]:
        """The message to be sent back, without nulls, and the calls it makes. Raises ``Nonsense``."""
        calls = self._calls.message(taken) or list(self._made())
        if self._calls.are_nameless and not self.text:
            raise Nonsense("name")
        made = tuple(read(calls))
        message = {"role": "assistant", **self._message, "content": self.text.strip(), "tool_calls": calls}
        return {name: value for name, value in message.items() if value not in (None, "", [])}, made

    def _made(self) -> Iterator[dict[str, Any]]:
        for name, arguments in self.written:
            function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
            yield {"id": new_id(), "type": "function", "function": function}


def _text_of(content: Any) -> str:
    """Of parts, and of parts of parts, those that are text."""
    if isinstance(content, list):
        return "".join(map(_text_of, content))
    if isinstance(content, Mapping):
        return _text_of(content.get("text")) if content.get("type") in TEXTS else ""
    if content is not None and not isinstance(content, str):
        raise Nonsense("text")
    return content or ""
