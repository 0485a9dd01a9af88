import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from marketday.kit.errors import MarketdayError
from marketday.provisioners.local.ports import free_ports
from marketday.rounds.http import ROUTE, StorePace
from marketday.rounds.loops import Loop, keep_turning, pause
from marketday.telemetry.metrics import BUCKETS

from .conftest import until


class Store:
    """A store that has nothing but metrics."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answered = Histogram(
            "marketday_request_seconds", "", ["service", "route", "status"], buckets=BUCKETS, registry=self.registry
        )

    def answer(self, seconds: float, count: int, route: str = ROUTE, status: str = "201") -> None:
        for _ in range(count):
            self.answered.labels("store", route, status).observe(seconds)

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self.registry), content_type="text/plain")


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def pace(store: Store) -> AsyncIterator[StorePace]:
    app = web.Application()
    app.router.add_get("/metrics", store.metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_ports(1)[0]
    await web.TCPSite(runner, "127.0.0.1", port).start()
    pace = StorePace([f"http://127.0.0.1:{port}"])
    yield pace
    await pace.close()
    await runner.cleanup()


async def test_the_pace_is_that_of_reservations_lately(store: Store, pace: StorePace) -> None:
    store.answer(9, 100)
    await pace.measure()
    assert pace.p95_seconds is None
    store.answer(0.02, 90)
    store.answer(0.4, 10, status="409")
    store.answer(9, 500, route="/v1/reservations/{reservation_id}/payment")
    await pace.measure()
    assert pace.p95_seconds is not None
    assert 0.25 <= pace.p95_seconds <= 0.5
    assert pace.speed.p95_seconds == pace.p95_seconds
    assert pace.speed.per_second > 0


async def test_nobody_reserving_is_no_slowness(pace: StorePace) -> None:
    await pace.measure()
    await pace.measure()
    assert pace.p95_seconds is None


async def test_a_store_that_does_not_answer_is_slow(free_port: int) -> None:
    pace = StorePace([f"http://127.0.0.1:{free_port}"])
    await pace.measure()
    assert pace.p95_seconds == 1.0
    await pace.close()


async def test_a_process_that_is_gone_is_left_out_while_another_answers(
    store: Store, pace: StorePace, free_port: int
) -> None:
    both = StorePace([*pace._urls, f"http://127.0.0.1:{free_port}"])
    await both.measure()
    store.answer(0.02, 10)
    await both.measure()
    assert both.p95_seconds is not None
    assert both.p95_seconds < 0.1
    await both.close()


async def test_one_process_that_takes_too_long_makes_the_store_slow(
    pace: StorePace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketday.rounds.http._TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    with socket.create_server(("127.0.0.1", 0)) as hanging:  # it accepts, as a stopped process does
        both = StorePace([*pace._urls, f"http://127.0.0.1:{hanging.getsockname()[1]}"])
        await both.measure()
        assert both.p95_seconds == 0.3
        await both.close()


async def test_without_an_address_nothing_is_measured() -> None:
    pace = StorePace([])
    await pace.measure()
    assert pace.p95_seconds is None


@pytest.fixture
def free_port() -> int:
    return free_ports(1)[0]


async def test_a_loop_that_fails_or_breaks_goes_on_and_so_do_the_others() -> None:
    turns = {"failing": 0, "breaking": 0, "working": 0}

    async def fail() -> bool:
        turns["failing"] += 1
        if turns["failing"] < 3:
            raise MarketdayError("not now")
        return True

    async def break_down() -> bool:
        turns["breaking"] += 1
        if turns["breaking"] < 3:
            raise ZeroDivisionError
        return True

    async def work_on() -> bool:
        turns["working"] += 1
        return True

    work = {"failing": fail, "breaking": break_down, "working": work_on}
    loops = [Loop(name, 0.001, 60, turn) for name, turn in work.items()]

    async def all_well() -> bool:
        return min(turns.values()) > 5 and not any(loop.failures for loop in loops)

    task = asyncio.create_task(keep_turning(loops))
    await until(all_well)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert all(loop.age() < 60 for loop in loops)


async def test_a_loop_whose_driver_swallows_a_cancellation_ends_all_the_same() -> None:
    begun = asyncio.Event()

    async def swallow() -> bool:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return True

    task = asyncio.create_task(keep_turning([Loop("swallowing", 0.001, 0.001, swallow)]))
    await begun.wait()
    task.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0.25), (1, 0.5), (3, 2.0), (5, 2.0), (10_000, 2.0)])
def test_a_failing_loop_slows_down_to_two_seconds(failures: int, seconds: float) -> None:
    assert pause(0.25, failures) == seconds
