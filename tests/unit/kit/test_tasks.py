"""A loop ends when it is told to, even where what it calls swallows that."""

import asyncio

import pytest

from marketday.kit.tasks import rest

LONGEST_SECONDS = 20


async def test_a_task_that_was_told_to_end_rests_no_more():
    begun = asyncio.Event()

    async def swallow():
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return

    async def go_on():
        while True:
            await swallow()
            await rest(0.001)

    task = asyncio.create_task(go_on())
    await begun.wait()
    task.cancel()
    async with asyncio.timeout(LONGEST_SECONDS):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_timeout_inside_a_turn_is_no_order_to_end():
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.sleep(1)
    await rest(0)
