"""A service of the test's own process at a real address, for tests with a browser or with hot endpoints."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal
from unittest.mock import patch

import httpx
import uvicorn
from fastapi import FastAPI

from marketday.provisioners.local.ports import free_ports
from marketday.web.hot import HotAnswer, HotEndpoints, HotRequest
from marketday.web.protocol import SERVER, Protocol

_START_SECONDS = 30


@contextmanager
def answered_hot() -> Iterator[set[str]]:
    """Collect the paths of the requests that a hot endpoint answered, and not the framework."""
    paths, answer = set(), HotEndpoints.answer

    async def watched(self: HotEndpoints, request: HotRequest) -> HotAnswer | None:
        answered = await answer(self, request)
        if answered is not None:
            paths.add(request.endpoint.path)
        return answered

    with patch.object(HotEndpoints, "answer", watched):
        yield paths


@asynccontextmanager
async def hot_client(app: FastAPI, public_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Serve `app`, which runs already, on any port; yield a client that calls it by the name of `public_url`."""
    port = free_ports(1)[0]
    host = {"Host": public_url.partition("//")[2]}
    async with (
        served(app, port, lifespan="off"),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=host) as client,
    ):
        yield client


@asynccontextmanager
async def served(app: FastAPI, port: int, *, lifespan: Literal["on", "off"] = "on") -> AsyncIterator[None]:
    """Serve `app` on `port` of this machine until the block ends."""
    config = uvicorn.Config(app, port=port, http=Protocol, ws="none", lifespan=lifespan, **SERVER)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(_START_SECONDS):
        while not server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task
