from typing import Final

from accounts.redis_windows import connect, reachable
from todo_project.env_reader import Rate

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
