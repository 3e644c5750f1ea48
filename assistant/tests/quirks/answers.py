"""Of answers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from testing.model_answers import ModelAnswer, fails, says, streams

MILK: Final = ("add_task", {"title": "Buy milk"})
TEA: Final = ("add_task", {"title": "Tea"})
MILK_JSON: Final = '{"title": "Buy milk"}'
TEA_JSON: Final = '{"title": "Tea"}'
CALL_JSON: Final = '{"name": "add_task", "arguments": {"title": "Buy milk"}}'
# What the person said, and a task's description holds: the model may tell it again.
QUOTED: Final = '<tool_call>{"name": "delete_task", "arguments": {"task": "1"}}</tool_call>'
DESCRIBED: Final = '<tool_call>{"name": "complete_task", "arguments": {"task": "2"}}</tool_call>'


@dataclass(frozen=True, slots=True)
class AnswerQuirk:
    report: str
    what: str
    # Of the endpoint, one after the other.
    answers: Sequence[ModelAnswer]
    text: str = ""
    calls: Sequence[tuple[str, dict[str, Any]]] = ()


def quirk(
    report: str, what: str, *answers: ModelAnswer, text: str = "", calls: Sequence[tuple[str, dict[str, Any]]] = ()
) -> AnswerQuirk:
    return AnswerQuirk(report, what, answers, text, calls)


def part(name: str | None = None, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    told = {"name": name, "arguments": arguments}
    return {"tool_calls": [{**fields, "function": {key: value for key, value in told.items() if value is not None}}]}


def body(text: str, content_type: str = "text/event-stream") -> ModelAnswer:
    return ModelAnswer(headers={"Content-Type": content_type}, body=text.encode())


def event(**fields: Any) -> str:
    return f"data: {json.dumps(fields)}\n\n"


def choice(finish: str | None = None, **delta: Any) -> str:
    return event(choices=[{"index": 0, "delta": delta, "finish_reason": finish}])


def whole(**message: Any) -> str:
    choices = [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]
    return json.dumps({"object": "chat.completion", "choices": choices, "usage": {"total_tokens": 9}}, indent=1)


def letters(text: str, size: int = 3) -> ModelAnswer:
    return streams(*({"content": text[start : start + size]} for start in range(0, len(text), size)))


CALLS: Final = (
    quirk(
        "earendil-works/pi#4854", "an id that is empty",
        streams(part("add_task", MILK_JSON, index=0, id="")), calls=[MILK],
    ),
    quirk(
        "iOfficeAI/aionrs#99", "no id at all, as of StepFun",
        streams(part("add_task", "", index=0), part(arguments=MILK_JSON, index=0)), calls=[MILK],
    ),
    quirk(
        "HKUDS/nanobot#4059", "one id for two calls",
        streams(part("add_task", MILK_JSON, index=0, id="same"), part("add_task", TEA_JSON, index=1, id="same")),
        calls=[MILK, TEA],
    ),
    quirk(
        "vercel/ai#4936", "an id that an earlier call of the conversation had",
        streams(part("add_task", MILK_JSON, index=0, id="earlier")), calls=[MILK],
    ),
    quirk(
        "huggingface/smolagents#1958", "one index for two calls of other ids, as of Ollama",
        streams(part("add_task", MILK_JSON, index=0, id="a"), part("add_task", TEA_JSON, index=0, id="b")),
        calls=[MILK, TEA],
    ),
    quirk(
        "mcowger/plexus#691", "one index and no ids, the arguments in pieces",
        streams(
            part("add_task", '{"title": ', index=0), part(arguments='"Buy milk"}', index=0),
            part("add_task", '{"title": ', index=0), part(arguments='"Tea"}', index=0),
        ),
        calls=[MILK, TEA],
    ),
    quirk(
        "camel-ai/camel#3662", "a second payload after a whole one, without a name",
        streams(part("add_task", MILK_JSON, index=0), part(arguments=TEA_JSON, index=0)), calls=[MILK, TEA],
    ),
    quirk(
        "maximhq/bifrost#1829", "the pieces of two calls in turns",
        streams(
            part("add_task", "", index=0, id="a"), part("list_tasks", "", index=1, id="b"),
            part(arguments='{"title": "Buy', index=0), part(arguments="{}", index=1),
            part(arguments=' milk"}', index=0),
        ),
        calls=[MILK, ("list_tasks", {})],
    ),
    quirk(
        "BerriAI/litellm#11407", "the first index is 1, and the id comes once",
        streams(part("add_task", "", index=1, id="tooluse_B"), part(arguments=MILK_JSON, index=1)), calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#5331", "another id in each piece, as of LM Studio",
        streams(
            part("add_task", "", index=0, id="1"),
            *(part("", letter, index=0, id=f"1{place}") for place, letter in enumerate(MILK_JSON)),
        ),
        calls=[MILK],
    ),
    quirk(
        "poolsideai/pool#9", "another id from the second piece on",
        streams(part("add_task", '{"title"', index=0, id="a"), part(arguments=': "Buy milk"}', index=0, id="b")),
        calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#11984", "the whole name in each piece, as of MiniMax",
        streams(
            part("add_task", '{"title"', index=0, id="a"), part("add_task", ': "Buy', index=0, id="a"),
            part("add_task", ' milk"}', index=0, id="a"),
        ),
        calls=[MILK],
    ),
    quirk(
        "continuedev/continue#5849", "a name in two pieces, as of Gemini",
        streams(part("add_", "", index=0, id="a"), part("task", "", index=0), part(arguments=MILK_JSON, index=0)),
        calls=[MILK],
    ),
    quirk(
        "ankit373/hydra#958", "a name in two pieces, the second with the arguments",
        streams(part("add", None, index=0, id="a"), part("_task", MILK_JSON, index=0)), calls=[MILK],
    ),
    quirk(
        "pipecat-ai/pipecat#5023", "the id in a piece of its own, after the name",
        streams(part("add_task", "", index=0), part(index=0, id="late"), part(arguments=MILK_JSON, index=0)),
        calls=[MILK],
    ),
    quirk(
        "lmstudio-ai/lmstudio-bug-tracker#830", "a text, and a call of nothing",
        streams({"content": "Hello."}, {"tool_calls": [{"index": 0, "id": "", "type": "function"}]}), text="Hello.",
    ),
    quirk(
        "tya5/reyn#1989", "the name of a module before the tool's, as of Gemini",
        streams(part("default_api.add_task", MILK_JSON, index=0, id="a")), calls=[MILK],
    ),
    quirk(
        "vllm-project/vllm#32633", "marks of gpt-oss behind the name",
        streams(part("add_task<|channel|>commentary", MILK_JSON, index=0, id="a")), calls=[MILK],
    ),
    quirk(
        "can1357/oh-my-pi#1692", "a function_call of before there were several",
        streams(
            {"function_call": {"name": "add_task", "arguments": '{"title": '}},
            {"function_call": {"arguments": '"Buy milk"}'}}, finish="function_call",
        ),
        calls=[MILK],
    ),
    quirk(
        "sgl-project/sglang#2877", "a call that is finished by stop",
        streams(part("add_task", MILK_JSON, index=0, id="a"), finish="stop"), calls=[MILK],
    ),
)  # fmt: skip

ARGUMENTS: Final = (
    quirk(
        "openai/openai-agents-js#664", "empty arguments of a call without any",
        streams(part("list_tasks", "", index=0, id="a")), calls=[("list_tasks", {})],
    ),
    quirk(
        "vercel/ai#4755", "arguments that are null, as of Cohere",
        streams({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": None}}]}),
        calls=[("list_tasks", {})],
    ),
    quirk(
        "SillyTavern/SillyTavern#4084", "the text null",
        streams(part("list_tasks", "null", index=0, id="a")), calls=[("list_tasks", {})],
    ),
    quirk(
        "ggml-org/llama.cpp#20198", "arguments that are an object",
        streams(part("add_task", {"title": "Buy milk"}, index=0, id="a")), calls=[MILK],
    ),
    quirk(
        "huggingface/text-generation-inference#2136", "an object, whole and not streamed",
        body(
            whole(tool_calls=[{"id": "0", "function": {"name": "add_task", "arguments": {"title": "Buy milk"}}}]),
            "application/json",
        ),
        calls=[MILK],
    ),
    quirk(
        "FoundationAgents/OpenManus#989", "JSON in a text of JSON",
        streams(part("add_task", json.dumps(MILK_JSON), index=0, id="a")), calls=[MILK],
    ),
    quirk(
        "quarkiverse/quarkus-langchain4j#2642", "and in another text",
        streams(part("add_task", json.dumps(json.dumps(MILK_JSON)), index=0, id="a")), calls=[MILK],
    ),
)  # fmt: skip

STREAMS: Final = (
    quirk(
        "openclaw/openclaw#98575", "[DONE] without a finish_reason",
        body(choice(tool_calls=[{"index": 0, "id": "a", "function": {"name": "add_task", "arguments": MILK_JSON}}])
             + "data: [DONE]\n\n"),
        calls=[MILK],
    ),
    quirk(
        "earendil-works/pi#7441", "neither a finish_reason nor [DONE]",
        body(choice(content="Hello.") + event(choices=[], usage={"total_tokens": 15})), text="Hello.",
    ),
    quirk(
        "ollama/ollama#4357", "a finish_reason that is empty",
        body(choice("", content="Hello.") + choice("", content="") + "data: [DONE]\n\n"), text="Hello.",
    ),
    quirk(
        "vaadin/flow-components#9195", "nothing, and no finish_reason: asked again",
        body(choice(role="assistant") + "data: [DONE]\n\n"), says("Hello."),
        text="Hello.",
    ),
    quirk(
        "NousResearch/hermes-agent#7693", "broken off in the arguments, without a finish_reason: asked again",
        body(choice(tool_calls=[{"index": 0, "id": "a", "function": {"name": "add_task", "arguments": '{"ti'}}])),
        says("Hello."), text="Hello.",
    ),
    quirk(
        "ChatGPTNextWeb/NextChat#1585", "the whole answer as JSON, though a stream was asked for",
        body(whole(content="Hello."), "application/json"), text="Hello.",
    ),
    quirk(
        "decolua/9router#3492", "the whole answer as JSON with the end of a stream behind it",
        body(f"{whole(content='Hello.')}\n\ndata: [DONE]\n\n"), text="Hello.",
    ),
    quirk(
        "HybridAIOne/hybridclaw#1325", "the whole message once more at the end of the stream",
        body(choice(content="Hello.")
             + event(choices=[{"index": 0, "message": {"role": "assistant", "content": "Hello."},
                               "finish_reason": "stop"}])),
        text="Hello.",
    ),
    quirk(
        "openai/openai-go#227", "comments before and between the events",
        body(": OPENROUTER PROCESSING\n\n" + choice(content="Hel") + ": OPENROUTER PROCESSING\n\n"
             + choice("stop", content="lo.") + "data: [DONE]\n\n"),
        text="Hello.",
    ),
    quirk(
        "damianvtran/local-operator#223", "an error within the stream, and a finish_reason error: asked again",
        body(event(error={"code": 502, "message": "Provider disconnected"},
                   choices=[{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}])),
        says("Hello."), text="Hello.",
    ),
    quirk(
        "Aider-AI/aider#3550", "an error with status 200, and no choices: asked again",
        body(json.dumps({"error": {"code": 429, "message": "Rate limited"}}), "application/json"), says("Hello."),
        text="Hello.",
    ),
    quirk(
        "google-gemini/deprecated-generative-ai-python#744", "nothing at all, finished by stop: asked again",
        streams(), says("Hello."), text="Hello.",
    ),
    quirk(
        "openclaw/openclaw#138373", "MALFORMED_FUNCTION_CALL: asked once more",
        streams(finish="function_call_filter: MALFORMED_FUNCTION_CALL"), says("Hello."), text="Hello.",
    ),
    quirk(
        "agentjido/req_llm#944", "UNEXPECTED_TOOL_CALL: asked once more",
        streams(finish="UNEXPECTED_TOOL_CALL"), says("Hello."), text="Hello.",
    ),
    quirk(
        "NousResearch/hermes-agent#83886", "MALFORMED_FUNCTION_CALL with a call that looks whole: asked once more",
        streams(part("delete_task", '{"task": "1"}', index=0, id="a"), finish="malformed_function_call"),
        says("Hello."), text="Hello.",
    ),
    quirk(
        "groq/groq-typescript#28", "tool_use_failed: asked once more",
        fails(400, code="tool_use_failed", message="Failed to call a function. See 'failed_generation'."),
        says("Hello."), text="Hello.",
    ),
    quirk(
        "anomalyco/opencode#1018", "tool_use_failed as an event of the stream: asked once more",
        body("event: error\n" + event(error={"message": "Failed to call a function.", "code": "tool_use_failed",
                                             "status_code": 400})),
        says("Hello."), text="Hello.",
    ),
)  # fmt: skip

TEXTS: Final = (
    quirk(
        "NousResearch/hermes-agent#4748", "the text as a list of parts, thinking beside it, as of Magistral",
        streams(
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Secret."}]}]},
            {"content": [{"type": "text", "text": "Hel"}]}, {"content": "lo."},
        ),
        text="Hello.",
    ),
    quirk(
        "meilisearch/meilisearch#6327", "parts that are references",
        streams({"content": [{"type": "reference", "reference_ids": [1]}, {"type": "text", "text": "Hello."}]}),
        text="Hello.",
    ),
    quirk(
        "lich0821/ccNexus#99", "a thought in the text",
        streams({"content": "<think>Secret.</think>\n\nHello."}), text="Hello.",
    ),
    quirk(
        "linshenkx/prompt-optimizer#348", "its marks in pieces",
        letters("<think>Secret.</think>\n\nHello, you.", 2), text="Hello, you.",
    ),
    quirk(
        "LibreChat-AI/agents#40", "another name of it, letter by letter, as of Nova",
        letters("<thinking> Secret. </thinking> Hello.", 1), text="Hello.",
    ),
    quirk(
        "anomalyco/opencode#32857", "marks of Cohere",
        letters("<|START_THINKING|>Secret.<|END_THINKING|>Hello."), text="Hello.",
    ),
    quirk(
        "bytedance/deer-flow#3218", "a thought that does not end: asked again",
        letters("<think>Secret and more"), says("Hello."), text="Hello.",
    ),
    quirk(
        "ggml-org/llama.cpp#11861", "a thought without its beginning",
        streams({"content": "Secret.\n</think>\n\nHello."}), text="Hello.",
    ),
    quirk(
        "open-webui/open-webui#9808", "a thought without its beginning, in pieces",
        letters("Secret words.\n</think>\n\nHello."), text="Hello.",
    ),
    quirk(
        "vllm-project/vllm#40816", "an answer in the reasoning alone: asked again",
        streams({"reasoning": "Secret."}), says("Hello."), text="Hello.",
    ),
    quirk(
        "Augustas11/macprovider#743", "channels of gpt-oss",
        letters("<|channel|>analysis<|message|>Secret.<|end|><|start|>assistant<|channel|>final<|message|>Hello."),
        text="Hello.",
    ),
)  # fmt: skip

WRITTEN: Final = (
    quirk("sgomez/ollama-ai-provider#11", "a call as JSON in the text", letters(CALL_JSON), calls=[MILK]),
    quirk(
        "jundot/omlx#1153", "with parameters, as of Llama",
        letters('{"name": "add_task", "parameters": {"title": "Buy milk"}}'), calls=[MILK],
    ),
    quirk(
        "mistralai/mistral-common#73", "as a list of two",
        letters(f'[{CALL_JSON}, {{"name": "add_task", "arguments": {{"title": "Tea"}}}}]'), calls=[MILK, TEA],
    ),
    quirk("jundot/omlx#2565", "as a block of code", letters(f"```json\n{CALL_JSON}\n```"), calls=[MILK]),
    quirk(
        "NousResearch/hermes-agent#3518", "in an element, after a text",
        letters(f"I will add it.\n<tool_call>\n{CALL_JSON}\n</tool_call>"), text="I will add it.", calls=[MILK],
    ),
    quirk(
        "jundot/omlx#3153", "in an element that does not end", letters(f"<tool_call>\n{CALL_JSON}"), calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#83023", "an element for each parameter, as of Qwen's coder",
        letters("<tool_call>\n<function=add_task>\n<parameter=title>\nBuy milk\n</parameter>\n</function>\n"
                "</tool_call>"),
        calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#8965", "as invoke and parameter",
        letters('<function_calls>\n<invoke name="add_task">\n<parameter name="title" string="true">Buy milk'
                "</parameter>\n</invoke>\n</function_calls>"),
        calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#27834", "two of them, as of MiniMax",
        letters('<minimax:tool_call>\n<invoke name="add_task">\n<parameter name="title">Buy milk</parameter>\n'
                '</invoke>\n<invoke name="add_task">\n<parameter name="title">Tea</parameter>\n</invoke>\n'
                "</minimax:tool_call>"),
        calls=[MILK, TEA],
    ),
    quirk(
        "TokenRhythm/opensquilla#985", "DeepSeek's DSML",
        letters('<\uff5cDSML\uff5ctool_calls>\n<\uff5cDSML\uff5cinvoke name="add_task">\n<\uff5cDSML\uff5cparameter'
                ' name="title" string="true">Buy milk</\uff5cDSML\uff5cparameter>\n</\uff5cDSML\uff5cinvoke>\n'
                "</\uff5cDSML\uff5ctool_calls>"),
        calls=[MILK],
    ),
    quirk(
        "sgl-project/sglang#40236", "DSML without its envelope",
        letters('<\uff5cDSML\uff5cinvoke name="add_task"><\uff5cDSML\uff5cparameter name="title">Buy milk'
                "</\uff5cDSML\uff5cparameter></\uff5cDSML\uff5cinvoke>"),
        calls=[MILK],
    ),
    quirk(
        "deepseek-ai/DeepSeek-R1#352", "DeepSeek's older marks",
        letters("<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>function"
                f"<\uff5ctool\u2581sep\uff5c>add_task\n```json\n{MILK_JSON}\n```<\uff5ctool\u2581call\u2581end\uff5c>"
                "<\uff5ctool\u2581calls\u2581end\uff5c>"),
        calls=[MILK],
    ),
    quirk(
        "lmstudio-ai/lmstudio-bug-tracker#797", "Mistral's mark",
        letters(f"[TOOL_CALLS]add_task[ARGS]{MILK_JSON}"), calls=[MILK],
    ),
    quirk("theroyallab/tabbyAPI#314", "Mistral's mark and a list", letters(f"[TOOL_CALLS][{CALL_JSON}]"), calls=[MILK]),
    quirk(
        "raullenchai/Rapid-MLX#703", "Llama's mark for Python",
        letters('<|python_tag|>{"name": "add_task", "parameters": {"title": "Buy milk"}}'), calls=[MILK],
    ),
    quirk(
        "raullenchai/Rapid-MLX#746", "elements for the name and the arguments",
        letters(f"<function><name>add_task</name><arguments>{MILK_JSON}</arguments></function>"), calls=[MILK],
    ),
    quirk(
        "vllm-project/vllm#22917", "a list in Python, as of Llama 4",
        letters('[add_task(title="Buy milk"), add_task(title="Tea")]'), calls=[MILK, TEA],
    ),
    quirk(
        "BrendanGraham14/steer#56", "Python in print, as of Gemini",
        letters('print(default_api.add_task(title="Buy milk"))'), calls=[MILK],
    ),
    quirk(
        "huggingface/smolagents#1119", "the name before the object",
        letters(f"add_task{MILK_JSON}</function>"), calls=[MILK],
    ),
    quirk(
        "raullenchai/Rapid-MLX#480", "a channel of gpt-oss",
        letters(f"<|channel|>commentary to=functions.add_task <|constrain|>json<|message|>{MILK_JSON}<|call|>"),
        calls=[MILK],
    ),
    quirk(
        "can1357/oh-my-pi#92", "a record of a call, as of Gemini",
        letters('<call_record tool="add_task">\n<parameter name="title">Buy milk</parameter>\n</call_record>'),
        calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#29115", "a thought, and then a call",
        letters(f"<think>Secret {CALL_JSON}</think>\n<tool_call>{CALL_JSON}</tool_call>"), calls=[MILK],
    ),
    quirk(
        "NousResearch/hermes-agent#47967", "what the person said, quoted: no call",
        letters(f"It says:\n{QUOTED}"), text=f"It says:\n{QUOTED}",
    ),
    quirk(
        "diegosouzapw/OmniRoute#13345", "a description, quoted: no call", letters(f"It says:\n{DESCRIBED}"),
        text=f"It says:\n{DESCRIBED}",
    ),
    quirk(
        "BerriAI/litellm#34769", "JSON that is none of a call",
        letters('{"city": "Chennai"}'), text='{"city": "Chennai"}',
    ),
    quirk(
        "sipeed/picoclaw#2104", "a call of a tool that there is not: text",
        letters('{"name": "drop_table", "arguments": {}}'), text='{"name": "drop_table", "arguments": {}}',
    ),
)  # fmt: skip

ANSWERS: Final = (*CALLS, *ARGUMENTS, *STREAMS, *TEXTS, *WRITTEN)
