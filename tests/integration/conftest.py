"""What integration tests of several packages share."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Condition = Callable[[], Any | Awaitable[Any]]


async def _eventually(condition: Condition, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if inspect.isawaitable(result):
            result = await result
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {inspect.getsource(condition).strip()}"
        await asyncio.sleep(0.02)


@pytest.fixture
def eventually() -> Callable[..., Awaitable[Any]]:
    """`await eventually(condition)` polls until it is true and returns its value; fails after `seconds`."""
    return _eventually
