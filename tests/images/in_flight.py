"""Requests that a service is answering at the moment at which it is asked to end."""

import asyncio
import re
from collections.abc import Coroutine, Sequence
from typing import Any

import aiohttp

from .bubble import Running

IN_FLIGHT = re.compile(r"^marketday_requests_in_flight\{.*\} (\d+)", re.MULTILINE)


async def end_during(service: Running, host: str, requests: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Send requests, ask the service to end when it has all of them and not yet answered all; return the answers.

    A balancer sends nothing more to a service that is to end, so only what has arrived counts.
    """
    tasks = [asyncio.create_task(each) for each in requests]
    async with aiohttp.ClientSession(service.url, headers={"Host": host}) as session, asyncio.timeout(60):
        while True:
            async with session.get("/metrics") as answer:
                found = IN_FLIGHT.search(await answer.text())
            assert found, "no metric of requests in flight"
            answered = sum(task.done() for task in tasks)
            if int(found[1]) + answered >= len(tasks):
                break
            await asyncio.sleep(0.01)
    assert answered < len(tasks), "all were answered before; expected some that take longer"
    service.terminate()
    return await asyncio.gather(*tasks)
