"""The limits on sign-ins and sign-ups, counted in Valkey."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from marketday.accounts.brake import WINDOW_SECONDS, Count

_log = structlog.get_logger()

# One script, so that guesses at the same moment are all counted. Refused attempts are not counted.
_PRESS = """
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[i + 1]) then
    wait = math.max(wait, redis.call('TTL', key), 1)
  end
end
if wait == 0 then
  for _, key in ipairs(KEYS) do
    redis.call('INCR', key)
    redis.call('EXPIRE', key, ARGV[1], 'NX')
  end
end
return wait
"""
_RELEASE = """
for i, key in ipairs(KEYS) do
  if ARGV[i] == '1' then
    redis.call('DEL', key)
  elseif tonumber(redis.call('GET', key) or '0') > 0 then
    redis.call('DECR', key)
  end
end
"""


class ValkeySignInBrake:
    """Counts attempts before the password is checked; a counter is kept for `window_seconds` after its first attempt.

    Without Valkey people can still sign in, without a limit.
    """

    def __init__(self, client: "Redis", *, window_seconds: int = WINDOW_SECONDS) -> None:
        """Count in `client`."""
        self._press: Any = client.register_script(_PRESS)
        self._release: Any = client.register_script(_RELEASE)
        self._window_seconds = window_seconds

    async def press(self, counts: Sequence[Count]) -> int:
        """Count one attempt and return 0, or return the seconds to wait."""
        try:
            limits = [self._window_seconds, *(count.most for count in counts)]
            return int(await self._press(keys=_keys(counts), args=limits))
        except RedisError:
            _log.warning("sign_in_brake_unavailable")
            return 0

    async def release(self, counts: Sequence[Count]) -> None:
        """Take one attempt back, because it succeeded."""
        try:
            await self._release(keys=_keys(counts), args=[int(count.cleared) for count in counts])
        except RedisError:
            _log.warning("sign_in_brake_unavailable")


def _keys(counts: Sequence[Count]) -> list[str]:
    """Return the keys, hashed, because Valkey's logs and dumps must not contain personal data."""
    return ["mall:brake:" + sha256(count.of.encode("utf-8", "replace")).hexdigest() for count in counts]
