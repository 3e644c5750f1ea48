"""Of what endpoints refuse, and of what they are sent then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from testing.model_answers import ModelAnswer, fails

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RefusalQuirk:
    report: str
    what: str
    refusal: ModelAnswer
    # Of what is sent next.
    is_met: Callable[[Body], bool]
    # What the endpoint sent before in an answer of its own.
    before: Mapping[str, Any]


def quirk(
    report: str,
    what: str,
    message: str,
    is_met: Callable[[Body], bool],
    status: int = 400,
    before: Mapping[str, Any] | None = None,
) -> RefusalQuirk:
    return RefusalQuirk(report, what, fails(status, message=message), is_met, before or {})


def limit(low: int, high: int, name: str = "max_completion_tokens") -> Callable[[Body], bool]:
    return lambda body: low <= body[name] <= high


def messages_without(name: str) -> Callable[[Body], bool]:
    return lambda body: not any(name in message for message in body["messages"])


def _uses(keyword: str, schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return keyword in schema or any(_uses(keyword, inner) for inner in schema.values())
    return isinstance(schema, list) and any(_uses(keyword, inner) for inner in schema)


def tells_tools_in_words(body: Body) -> bool:
    said = body["messages"]
    roles = [message["role"] for message in said]
    return (
        not {"tools", "tool_choice"} & body.keys()
        and roles == ["system", "user", "assistant", "user"]
        and "add_task" in said[0]["content"]
        and '<tool_call>{"name": "list_tasks"' in said[2]["content"]
        and "<tool_response>" in said[3]["content"]
    )


def ids_of_nine(body: Body) -> bool:
    ids = [call["id"] for message in body["messages"] for call in message.get("tool_calls", [])]
    results = [message["tool_call_id"] for message in body["messages"] if message["role"] == "tool"]
    return ids == results and all(len(name) == 9 and name.isalnum() for name in ids)


REASONING: Final = {"reasoning": "Hm.", "reasoning_content": "Hm."}
REFUSALS: Final[Sequence[RefusalQuirk]] = (
    quirk(
        "musistudio/llms#64", "reasoning, sent back to Groq",
        "property 'reasoning' is unsupported", messages_without("reasoning"), before={"reasoning": "Hm."},
    ),
    quirk(
        "janhq/jan#8136", "reasoning_content, sent back to Groq, and the other one stays",
        "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property"
        " 'reasoning_content' is unsupported)]",
        lambda body: messages_without("reasoning_content")(body) and not messages_without("reasoning")(body),
        before=REASONING,
    ),
    quirk(
        "github/app#3299", "reasoning_details, as pydantic says it",
        "[{'type': 'extra_forbidden', 'loc': ['body', 'messages', 2, 'assistant', 'reasoning_details'], 'msg': 'Extra"
        " inputs are not permitted'}]",
        messages_without("reasoning_details"), status=422, before={"reasoning_details": [{"type": "x"}]},
    ),
    quirk(
        "ChatGPTNextWeb/NextChat#3195", "more tokens than the model makes",
        "max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.",
        limit(4096, 4096),
    ),
    quirk(
        "diffbot/code-gpt-docs#284", "more tokens, and another limit",
        "max_completion_tokens is too large: 8192. This model supports at most 2,048 completion tokens.",
        limit(2048, 2048),
    ),
    quirk(
        "vllm-project/vllm#20409", "more tokens than there is room for beside the messages",
        "This model's maximum context length is 8192 tokens. However, you requested 8256 tokens (64 in the messages,"
        " 8192 in the completion). Please reduce the length of the messages or completion.",
        limit(8000, 8128),
    ),
    quirk(
        "claude-code-best/claude-code#272", "the same in vLLM's newer words",
        "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 4096 tokens"
        " and your request has 1200 input tokens (8192 > 4096 - 1200).",
        limit(2800, 2896),
    ),
    quirk(
        "scaleway/docs-content#4858", "a limit that is not told, with status 416",
        "max_completion_tokens is limited for this model", limit(4096, 4096), status=416,
    ),
    quirk(
        "BerriAI/litellm#9583", "max_completion_tokens, which Mistral does not know",
        "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not"
        " permitted', 'input': 8192}]",
        limit(8192, 8192, "max_tokens"), status=422,
    ),
    quirk(
        "vxcontrol/pentagi#97", "stream_options, which Mistral does not know",
        "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]",
        lambda body: "stream_options" not in body, status=422,
    ),
    quirk(
        "mozilla-ai/any-llm#1384", "tool_choice, of a model that thinks",
        "deepseek-reasoner does not support this tool_choice",
        lambda body: "tool_choice" not in body and bool(body["tools"]),
    ),
    quirk(
        "i-am-bee/beeai-framework#1441", "a value of tool_choice, with status 404",
        "No endpoints found that support the provided 'tool_choice' value.",
        lambda body: "tool_choice" not in body and bool(body["tools"]), status=404,
    ),
    quirk("ollama/ollama#5793", "tools", "llama3 does not support tools", tells_tools_in_words),
    quirk(
        "letta-ai/letta-code#1574", "a type that is a list, as of Gemini: there is none",
        "stream_options: unknown", lambda body: not any(
            isinstance(schema.get("type"), list)
            for tool in body["tools"] for schema in tool["function"]["parameters"]["properties"].values()
        ),
    ),
    quirk(
        "tashfeenahmed/freellmapi#97", "a word of JSON Schema, as of Gemini",
        "Invalid JSON payload received. Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0]"
        ".parameters': Cannot find field.",
        lambda body: not _uses("additionalProperties", body["tools"]) and bool(body["tools"]),
    ),
    quirk(
        "jundot/omlx#1997", "ids of its own that are too long",
        "Tool call id was call_49c89af0 but must be a-z, A-Z, 0-9, with a length of 9", ids_of_nine,
    ),
)  # fmt: skip
