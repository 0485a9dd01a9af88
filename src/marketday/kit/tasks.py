"""Sleeping in a loop that runs until its task is cancelled."""

import asyncio


async def rest(seconds: float) -> None:
    """Sleep between two turns of a loop; raise CancelledError at once if the task was already cancelled.

    A driver may swallow a cancellation inside a turn (in Python 3.11 `asyncio.wait_for` does so if the awaited task
    ends at the same moment). A loop that only slept would then run for ever; the task still has the request to cancel.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    await asyncio.sleep(seconds)
