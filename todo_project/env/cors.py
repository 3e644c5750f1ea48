"""``ALLOWED_ORIGINS`` as django-cors-headers' settings."""

import re
from collections.abc import Sequence
from typing import Any


def settings(origins: Sequence[str]) -> dict[str, Any]:
    """All as patterns: the library compares a plain origin by parts, and so takes "https://a.example.com#x"."""
    is_any = tuple(origins) == ("*",)
    return {
        "CORS_ALLOW_ALL_ORIGINS": is_any,
        # With credentials "*" would let any site act for its visitor.
        "CORS_ALLOW_CREDENTIALS": not is_any,
        # The staff site is nobody else's: its session cookie also goes along from another host of the same site.
        "CORS_URLS_REGEX": r"^/(?!admin(/|$))",
        "CORS_ALLOWED_ORIGIN_REGEXES": [] if is_any else [_pattern(origin) for origin in origins],
    }


def _pattern(origin: str) -> str:
    # The host of an app is no DNS name, and Safari writes that of an extension in capitals.
    flag = "" if origin.startswith(("http://", "https://")) else "(?i)"
    return flag + re.escape(origin).replace(r"\*", "[a-z0-9-]+") + r"\Z"
