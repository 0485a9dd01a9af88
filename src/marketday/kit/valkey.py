"""Clients of Valkey, made here alone, because here each of their waits has a limit."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

_TRIES = 8  # with the pauses below, about two seconds: a restarted server is back by then
_ANSWER_SECONDS = 2.0
_CONNECT_SECONDS = 1.0
_CONNECTION_SECONDS = 3.0


def connect(url: str, *, connections: int = 64, tries: int = _TRIES) -> "Redis":
    """Return a client that tries again for about two seconds when the server is away or starting.

    While the server is silent each try takes two seconds: whoever asks sets a limit to all of them together. More
    than `connections` questions at a time belong into a line of their own (`kit/turns.py`): the client's has a limit
    of three seconds, whether it moves or not.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=_CONNECTION_SECONDS,
        decode_responses=True,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=Retry(ExponentialBackoff(cap=0.4, base=0.05), tries),
    )
    return Redis.from_pool(pool)
