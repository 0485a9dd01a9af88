"""Loops that never stop. Each runs independently, runs less often while it fails, and reports its last success."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Gauge

from marketday.kit.errors import MarketdayError
from marketday.kit.tasks import rest

LOOP_AGE = Gauge("marketday_loop_age_seconds", "Time since a loop of the worker last succeeded.", ["loop"])
LOOP_FAILURES = Counter("marketday_loop_failures_total", "Turns of a loop that failed.", ["loop"])
LONGEST_PAUSE_SECONDS = 2.0  # a server that works again is used within three seconds
LONGEST_TURN_SECONDS = 30.0

_log = structlog.get_logger()


@dataclass
class Loop:
    """One turn, done again and again. The turn can be interrupted anywhere and repeated.

    The turn returns whether there is more to do. If so, it is done again after `pause_seconds`, otherwise after
    `idle_seconds`.
    """

    name: str
    pause_seconds: float
    idle_seconds: float
    turn: Callable[[], Awaitable[bool]]
    longest_seconds: float = LONGEST_TURN_SECONDS
    busy: bool = False
    failures: int = 0
    succeeded_at: float = field(default_factory=time.monotonic)

    def age(self) -> float:
        """Return the seconds since the loop last succeeded, or since it was made if it never did."""
        return time.monotonic() - self.succeeded_at


async def keep_turning(loops: Sequence[Loop]) -> None:
    """Run the loops at the same time until cancelled; a failure stops none of them."""
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            LOOP_AGE.labels(loop.name).set_function(loop.age)
            group.create_task(_keep_turning(loop), name=loop.name)


async def _keep_turning(loop: Loop) -> None:
    while True:
        await _turn(loop)
        usual = loop.pause_seconds if loop.busy or loop.failures else loop.idle_seconds
        await rest(pause(usual, loop.failures))


async def _turn(loop: Loop) -> None:
    try:
        async with asyncio.timeout(loop.longest_seconds):
            loop.busy = await loop.turn()
    except MarketdayError as error:
        _failed(loop)
        _log.warning("loop_failed", loop=loop.name, problem=error.slug, detail=error.detail, failures=loop.failures)
    except Exception:  # noqa: BLE001 - a mistake in one turn must not end the loop
        _failed(loop)
        _log.exception("loop_broke", loop=loop.name, failures=loop.failures)
    else:
        loop.failures = 0
        loop.succeeded_at = time.monotonic()


def _failed(loop: Loop) -> None:
    loop.failures += 1
    LOOP_FAILURES.labels(loop.name).inc()


def pause(usual_seconds: float, failures: int) -> float:
    """Return the seconds to wait: twice as long after each failure in a row, up to two seconds."""
    longest = max(LONGEST_PAUSE_SECONDS, usual_seconds)
    return min(usual_seconds * 2.0 ** min(failures, 16), longest)
