"""Which model answers, by the settings."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from assistant.providers.base import LanguageModel

if TYPE_CHECKING:
    from assistant.providers.openai.provider import ModelProvider


class Default(NamedTuple):
    model: str
    reasoning_effort: str


OPENAI_URL: Final = "https://api.openai.com/v1"
# As of November 2026, each the quick and cheap one of its maker, with little thinking: a turn has 30 s.
# OpenAI: developers.openai.com/api/docs/models/gpt-6-luna, which takes function calls in chat completions
# only without reasoning; Gemini: the model of the examples in ai.google.dev/gemini-api/docs/openai.
DEFAULTS: Final = {
    "openai": Default("gpt-6-luna", "none"),
    "gemini": Default("gemini-3.8-flash", "low"),
}
# For the first byte of an answer. A server of one's own may have to load the model first.
FIRST_BYTE_SECONDS: Final = 10
LOCAL_FIRST_BYTE_SECONDS: Final = 60
LOCAL_NAMES: Final = (".local", ".internal", ".localhost", ".lan", ".home.arpa")
_providers: "dict[LanguageModel, ModelProvider]" = {}


def configured() -> "ModelProvider | None":
    """One provider, and with it one pool of connections, for each configuration of a process; None without."""
    chosen: LanguageModel | None = settings.LANGUAGE_MODEL
    if chosen is None:
        return None
    if chosen not in _providers:
        # Of two threads that come first one provider stays; neither has connected yet.
        _providers.setdefault(chosen, _make(chosen))
    return _providers[chosen]


def forget() -> None:
    """For tests, which have a server each: closes the connections to it."""
    while _providers:
        _, provider = _providers.popitem()
        provider.close()


def _make(chosen: LanguageModel) -> "ModelProvider":
    # Here, because the SDK costs 0.3 s and 25 MB, which a process without a model need not pay.
    from assistant.providers.openai.provider import ModelProvider

    default = DEFAULTS[chosen.provider]
    base_url = chosen.base_url or OPENAI_URL
    patience = LOCAL_FIRST_BYTE_SECONDS if is_local(base_url) else FIRST_BYTE_SECONDS
    return ModelProvider(
        base_url=base_url,
        read_seconds=settings.LLM_FIRST_BYTE_SECONDS or patience,
        model=chosen.model or default.model,
        api_key=chosen.api_key,
        reasoning_effort=None if chosen.model else default.reasoning_effort,
    )


def is_local(url: str) -> bool:
    """Whether it is on this machine or in a network of one's own: a private address, or a name that only it knows."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(LOCAL_NAMES)
