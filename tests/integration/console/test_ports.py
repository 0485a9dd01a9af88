"""One suite for what the console asks: the tests' world behaves as the database and the services."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from marketday.kit.database import create_pool
from marketday.testing.console import World, a_run
from marketday.web.console.http import ControllerPlanes, HttpServices
from marketday.web.console.planes import as_json
from marketday.web.console.postgres import PostgresRuns

from .test_console import record


@pytest.fixture(params=["world", "postgres"])
async def runs(request):
    """Runs, and how another environment is recorded."""
    if request.param == "world":
        world = World()
        world.run_list = []

        async def keep(drop, state):
            world.run_list.append(a_run(id=drop, drop=drop, state=state))

        yield world, keep
        return
    url = request.getfixturevalue("mall_database_url")
    async with await create_pool(url, min_size=0, max_size=2) as pool:
        yield PostgresRuns(pool), lambda drop, state: record(url, drop, state)


async def test_every_living_environment_is_read_and_the_last_of_the_gone(runs):
    runs, keep = runs
    assert await runs.latest(5) == []
    for drop, state in (("gone-cream", "destroyed"), ("late-cream", "destroyed"), ("later-balm", "requested")):
        await keep(drop, state)
    await keep("dawn-serum", "open")
    assert {run.drop for run in await runs.latest(1)} == {"late-cream", "later-balm", "dawn-serum"}
    assert {run.drop for run in await runs.latest(0)} == {"later-balm", "dawn-serum"}
    assert len(await runs.latest(5)) == 4


async def test_a_database_that_is_gone_is_an_os_error():
    world = World()
    world.database_up = False
    async with await create_pool("postgresql://nobody:no@127.0.0.1:9/none", min_size=0, max_size=1) as pool:
        for runs in (world, PostgresRuns(pool)):
            with pytest.raises(OSError, match="database"):
                await runs.latest(1)


@pytest.fixture
async def address():
    """Where the world's store, waiting room and controller are served over HTTP."""
    world = World()
    app = web.Application()

    async def metrics(_request):
        return web.Response(text=world.counted["store"].text())

    async def now(_request):
        return web.json_response(world.document)

    async def planes(_request):
        return web.json_response(as_json(world.all()))

    app.router.add_get("/metrics", metrics)
    app.router.add_get("/v1/drops/dawn-serum/now", now)
    app.router.add_get("/planes", planes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    await runner.cleanup()


@pytest.fixture(params=["world", "http"])
async def services(request, address):
    """Services, and the addresses of one that answers and of one that is away."""
    if request.param == "world":
        world = World()
        world.silent.add("away")
        yield world, "http://store", "http://away"
        return
    async with aiohttp.ClientSession() as session:
        yield HttpServices(session), address, "http://127.0.0.1:9"


async def test_a_service_tells_its_metrics_and_the_room_its_document_and_who_is_away_nothing(services):
    services, answers, away = services
    assert "marketday_request_seconds" in await services.metrics(answers)
    assert await services.metrics(away) is None
    assert (await services.now(answers, "dawn-serum"))["phase"] == "open"


async def test_a_room_that_is_away_is_none():
    world = World()
    world.document = None
    async with aiohttp.ClientSession() as session:
        for services in (world, HttpServices(session)):
            assert await services.now("http://event.localhost:9", "dawn-serum") is None


async def test_planes_come_over_http_as_they_are(address):
    planes = ControllerPlanes(f"{address}/planes")
    assert await asyncio.to_thread(planes.all) == World().all()
