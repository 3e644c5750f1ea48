"""Which language model answers the chat."""

from assistant.providers.base import GEMINI_URL, LanguageModel
from todo_project.env import reader as parse
from todo_project.env.reader import EnvError, Reader


def read_language_model(reader: Reader) -> LanguageModel | None:
    """The first group wins that is set: ``LLM_*``, then Gemini, then OpenAI."""
    base_url = reader.read(parse.url("http", "https"), "LLM_BASE_URL")
    model = reader.read(parse.text, "LLM_MODEL")
    own_key = reader.read(parse.text, "LLM_API_KEY")
    gemini_key = reader.read(parse.text, "GOOGLE_GEMINI_API_KEY", "GEMINI_API_KEY")
    openai_key = reader.read(parse.text, "OPENAI_API_KEY")
    if base_url and not model:
        raise EnvError("LLM_MODEL is required with LLM_BASE_URL: only the endpoint's owner knows its models.")
    if base_url or own_key:
        return LanguageModel(provider="openai", api_key=own_key, base_url=base_url, model=model)
    if gemini_key:
        return LanguageModel(provider="gemini", api_key=gemini_key, base_url=GEMINI_URL, model=model)
    if openai_key:
        return LanguageModel(provider="openai", api_key=openai_key, base_url=None, model=model)
    return None
