"""What a loop that runs until it is cancelled has to know of its own task."""

import asyncio


async def rest(seconds: float) -> None:
    """Sleep between two turns of a loop; raise CancelledError at once if the task was already cancelled.

    A driver may swallow a cancellation inside a turn (in Python 3.11 `asyncio.wait_for` does, when what it waits for
    ends at the same moment). The task still knows that it was asked, and a loop that only slept would go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    await asyncio.sleep(seconds)
