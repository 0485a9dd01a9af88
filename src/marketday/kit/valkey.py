"""Clients of Valkey, made only here, because here each of their waits has a limit."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

_TRIES = 8  # with the pauses below, about two seconds: a restarted server is back by then
_TRY_AGAIN_SECONDS = 2.5  # no try begins later, so that the last one is over after five seconds
_CONNECT_SECONDS = 1.0
_ANSWER_SECONDS = 1.5
_OPENED_AT_ONCE = 8
_CONNECTION_SECONDS = 3.0
_try_until: ContextVar[float | None] = ContextVar("_try_until", default=None)


class _LimitedRetry(Retry):
    """Tries again for a limited time; a call and the connection that is made for it share this time.

    The driver cannot always be cancelled from outside, so the limit has to be here.
    """

    async def call_with_retry(
        self,
        do: Callable[..., Any],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,  # noqa: FBT001, FBT002 - the driver's
    ) -> Any:
        """Call `do` until it succeeds, fails with an error that cannot be retried, or the time is over."""
        now = asyncio.get_running_loop().time
        outer = _try_until.get()
        until = now() + _TRY_AGAIN_SECONDS if outer is None else outer

        def may_try_again(error: Exception) -> bool:
            return now() < until and (is_retryable is None or is_retryable(error))

        _try_until.set(until)
        try:
            return await super().call_with_retry(do, fail, may_try_again, with_failure_count)
        finally:
            _try_until.set(outer)


def _opening_a_few_at_a_time() -> type[Connection]:
    """Return a connection class of which only a few connections are opened at the same time.

    The driver limits the time to open a connection: if a busy machine opened hundreds at once, each would be too late
    because of the others.
    """
    turns = asyncio.Semaphore(_OPENED_AT_ONCE)

    class Opened(Connection):
        async def _connect(self) -> None:
            async with turns:
                await super()._connect()  # type: ignore[no-untyped-call]

    return Opened


def connect(url: str, *, connections: int = 32, tries: int = _TRIES) -> "Redis":
    """Return a client that tries again for about two seconds when the server is unavailable or starting.

    No call takes longer than five seconds. For more than `connections` calls at a time use `kit/turns.py`: the client
    itself lets callers wait at most three seconds.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        connection_class=_opening_a_few_at_a_time(),
        max_connections=connections,
        timeout=_CONNECTION_SECONDS,
        decode_responses=True,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=_LimitedRetry(ExponentialBackoff(cap=0.4, base=0.05), tries),
    )
    return Redis.from_pool(pool)
