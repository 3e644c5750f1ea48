"""The middleware of Django's test client, built once as in a running service and not for each client.

Building it walks through all static files, which takes longer than the rest of a small test.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.test.client import ClientHandler

# What ``load_middleware`` makes.
PARTS: Final = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")
# Everything else, middleware reads when a request comes.
READ_ONCE: Final = (
    "MIDDLEWARE", "ALLOWED_HOSTS", "DEBUG", "SECURE_", "X_FRAME_", "CSRF_", "STATIC", "WHITENOISE_",
    "FORCE_SCRIPT_NAME", "STORAGES",
)  # fmt: skip


@contextmanager
def built_once() -> Iterator[None]:
    """And anew after a change of a setting that middleware reads when it is built."""
    built: dict[str, Any] = {}
    load: Callable[..., None] = ClientHandler.load_middleware

    def load_once(self: BaseHandler, is_async: bool = False) -> None:
        if not built:
            load(self, is_async)
            built.update((part, getattr(self, part)) for part in PARTS)
        vars(self).update(built)

    def forget(setting: str, **_: Any) -> None:
        if setting.startswith(READ_ONCE):
            built.clear()

    setting_changed.connect(forget)
    with mock.patch.object(ClientHandler, "load_middleware", load_once):
        yield
    setting_changed.disconnect(forget)
