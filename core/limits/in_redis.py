"""The windows of ``in_database``, in Redis: each a list of instants that one script reads and writes.

A script runs alone, so it decides and counts in one step; its clock is the server's. Keys expire by
themselves.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.errors import Unavailable
from core.limits.allowances import SECOND, Allowance, Rate, no_room, room_left

ADMIT: Final = """
local limit, window, lockout = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local time = redis.call('TIME')
local now = tonumber(ARGV[4]) or (time[1] * 1000000 + time[2])
local stored = redis.call('LRANGE', KEYS[1], 0, -1)
if #stored >= limit then
  local wait = stored[lockout and #stored or #stored - limit + 1] + window - now
  if wait > 0 then return {0, 0, wait} end
end
local dead = 0
while dead < #stored and stored[dead + 1] + window <= now do dead = dead + 1 end
if dead > 0 then redis.call('LTRIM', KEYS[1], dead, -1) end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {#stored - dead + 1, stored[dead + 1] and tonumber(stored[dead + 1]) or now, now}
"""


class RedisWindows:
    def __init__(self, url: str) -> None:
        self._redis = connect(url)
        self._admit = self._redis.register_script(ADMIT)

    def admit(self, key: uuid.UUID, rate: Rate, *, lockout: bool = False, now: int | None = None) -> Allowance:
        """Raises ``Unavailable``."""
        arguments = [rate.count, rate.seconds * SECOND, int(lockout), "" if now is None else now]
        with reachable():
            used, oldest, at = self._admit(keys=[_name(key)], args=arguments)
        return room_left(rate, used, oldest, at) if used else no_room(rate, at)

    def release(self, key: uuid.UUID) -> None:
        """Raises ``Unavailable``."""
        with reachable():
            self._redis.rpop(_name(key))


@cache
def connect(url: str) -> redis.Redis:
    """This process's client: a pool that connects when it is used, so it survives a fork."""
    return redis.Redis.from_url(
        url,
        socket_timeout=settings.REDIS_SECONDS,
        socket_connect_timeout=settings.REDIS_SECONDS,
        # Once more, for a kept connection that the server has closed.
        retry=Retry(NoBackoff(), 1),
    )


@contextmanager
def reachable() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise Unavailable("unavailable", "This cannot be done right now; try again shortly.") from error


def _name(key: uuid.UUID) -> str:
    return f"todo:window:{key.hex}"


# The bucket that all processes lease from. The wait is in microseconds.
LEASE: Final = """
local count, seconds, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local idle = math.max(0, now - (tonumber(stored[2]) or now))
local tokens = math.min(count, (tonumber(stored[1]) or count) + idle * count / seconds)
local granted = math.min(wanted, math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], seconds * 1000)
return {granted, math.floor(tokens), granted > 0 and 0 or math.ceil((1 - tokens) * seconds / count * 1000000)}
"""


class RedisLease:
    def __init__(self, url: str) -> None:
        self._lease = connect(url).register_script(LEASE)

    def __call__(self, subject: str, rate: Rate, wanted: int) -> tuple[int, int, float]:
        """Tokens granted, tokens left, and seconds until there is one. Raises ``Unavailable``."""
        with reachable():
            granted, left, wait = self._lease(keys=[f"todo:bucket:{subject}"], args=[rate.count, rate.seconds, wanted])
        return granted, left, wait / 1_000_000
