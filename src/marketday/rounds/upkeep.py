"""The mall's background tasks, done again and again; several processes may do them at the same time."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from marketday.kit.tasks import rest

Task = Callable[[], Awaitable[int]]  # can be repeated, and says how much it did
_log = structlog.get_logger()


async def keep_up(tasks: Sequence[Task], every_seconds: float) -> None:
    """Do the tasks until cancelled; one that fails is tried again in the next round."""
    while True:
        for task in tasks:
            try:
                await task()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                _log.warning("upkeep_failed", problem=type(error).__name__, detail=str(error)[:200])
        await rest(every_seconds)
