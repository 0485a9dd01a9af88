"""The brake on sign-ins, counted in Valkey for an account and an address together."""

from hashlib import sha256
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

ATTEMPTS = 10
WINDOW_SECONDS = 15 * 60
_log = structlog.get_logger()


class ValkeySignInBrake:
    """Allows `attempts` failed sign-ins for each account and address in a window of `window_seconds`.

    The count rises before the password is looked at, so that a hundred guesses at the same moment are
    counted as a hundred. Without Valkey people can still sign in: the brake is a brake, not a lock.
    """

    def __init__(self, client: "Redis", *, attempts: int = ATTEMPTS, window_seconds: int = WINDOW_SECONDS) -> None:
        """Count in `client`."""
        self._client: Any = client
        self._attempts = attempts
        self._window_seconds = window_seconds

    async def press(self, email: str, address: str) -> int:
        """Count one attempt; return 0 if it may go on, else the seconds to wait."""
        key = _key(email, address)
        try:
            async with self._client.pipeline(transaction=True) as calls:
                calls.incr(key)
                calls.expire(key, self._window_seconds, nx=True)
                calls.ttl(key)
                count, _, left = await calls.execute()
        except RedisError:
            _log.warning("sign_in_brake_unavailable")
            return 0
        return max(1, int(left)) if count > self._attempts else 0

    async def release(self, email: str, address: str) -> None:
        """Forget the attempts."""
        try:
            await self._client.delete(_key(email, address))
        except RedisError:
            _log.warning("sign_in_brake_unavailable")


def _key(email: str, address: str) -> str:
    """Name no person in the key: Valkey's own logs and dumps would show it."""
    return "mall:sign-in:" + sha256(f"{email}\0{address}".encode("utf-8", "replace")).hexdigest()
