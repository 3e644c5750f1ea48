"""Django's ``CACHES`` entry: Redis where there is one, else each process's own memory."""

from typing import Any, Final

# A server in the same network answers in under a millisecond; more is as good as away.
REDIS_SECONDS: Final = 0.5


def shared(redis_url: str | None) -> dict[str, Any]:
    if redis_url is None:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "OPTIONS": {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS},
    }
