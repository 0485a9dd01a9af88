"""A service of the test's own process at a real address, for tests with a browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

_START_SECONDS = 30


@asynccontextmanager
async def served(app: FastAPI, port: int) -> AsyncIterator[None]:
    """Serve `app` on `port` of this machine until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, ws="none"))
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(_START_SECONDS):
        while not server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task
