import asyncio
from datetime import timedelta

import pytest

from marketday.testing.console import OPENS, a_run
from marketday.web.console.collector import UNWATCHED_SECONDS, point
from marketday.web.console.history import COARSE_SECONDS
from marketday.web.console.model import Stock


async def test_one_look_gathers_the_whole_picture(collector, world):
    for state, units in (("total", 400), ("reserved", 30), ("sold", 70)):
        world.counted["store"].stock.labels("dawn-serum", state).set(units)
    day = await collector.look()
    assert day.run.drop == "dawn-serum"
    assert day.now["waiting"] == 1234
    assert day.stock == Stock(400, 30, 70)
    assert {(service.plane, service.name, service.up) for service in day.services} == {
        ("mall", "mall", True),
        ("event", "store", True),
    }
    assert [plane.kind for plane in day.planes] == ["mall", "event"]


async def test_rates_need_two_looks(collector, world):
    assert all(service.traffic is None for service in (await collector.look()).services)
    world.counted["store"].orders.labels("dawn-serum").inc(10)
    world.counted["store"].seconds.labels("store", "/x", "201").observe(0.02)
    day = await collector.look()
    store = next(service for service in day.services if service.name == "store")
    assert day.orders_per_second > 0
    assert store.traffic.requests_per_second > 0
    assert 0 < store.traffic.p95_seconds < 0.1


async def test_a_dead_event_plane_is_told_and_the_mall_is_still_shown(collector, world):
    world.document = None
    world.silent = {"store"}
    day = await collector.look()
    assert day.event_plane_unreachable
    assert {service.name: service.up for service in day.services} == {"mall": True, "store": False}
    assert point(day)["waiting"] is None


async def test_a_destroyed_environment_is_not_asked_anything(collector, world):
    world.run_list = [a_run(state="destroyed")]
    day = await collector.look()
    assert world.asked == 0
    assert not day.event_plane_unreachable
    assert [service.name for service in day.services] == ["mall"]


async def test_a_database_that_is_down_leaves_the_last_that_was_known(collector, world):
    await collector.look()
    world.database_up = False
    day = await collector.look()
    assert not day.database_up
    assert day.run.drop == "dawn-serum"
    assert day.now["waiting"] == 1234


async def test_every_drop_has_a_picture_and_a_history_of_its_own(collector, world, clock):
    first = await collector.look()
    clock.advance(1)
    another = a_run(id="another", drop="dusk-cream", opens_at=OPENS - timedelta(minutes=5))
    world.run_list = [*world.run_list, another, a_run(id="gone", state="destroyed")]
    day = await collector.look()
    assert day.run.drop == "dusk-cream", "it opened before the other one"
    assert [run.id for run in day.runs] == ["another", first.run.id, "gone"]
    assert collector.day(first.run.id).run == first.run
    assert (collector.day("gone").run.id, collector.day("gone").now) == ("gone", None)
    assert collector.day("no-such-environment") == day
    counted = [
        len(collector.history(collector.day(each)).columns()["at"]) for each in ("another", first.run.id, "gone")
    ]
    assert counted == [1, 2, 0]


async def test_a_viewer_who_chose_a_drop_keeps_it(collector, world, clock):
    mine = (await collector.look()).run.id
    viewer = collector.pictures(mine)
    await anext(viewer)
    world.run_list = [a_run(id="another", opens_at=OPENS - timedelta(minutes=5)), *world.run_list]
    coming = asyncio.ensure_future(anext(viewer))
    await asyncio.sleep(0)
    clock.advance(1)
    assert (await collector.look()).run.id == "another"
    assert (await coming).run.id == mine
    await viewer.aclose()


async def test_a_service_that_came_back_is_measured_from_its_return(collector, world):
    await collector.look()
    world.silent = {"store"}
    await collector.look()
    world.silent = set()
    day = await collector.look()
    store = next(service for service in day.services if service.name == "store")
    assert (store.up, store.traffic) == (True, None)


async def test_every_viewer_is_told_of_each_new_picture_by_one_look(collector, world, clock):
    viewers = [collector.pictures() for _ in range(3)]
    first = [await anext(viewer) for viewer in viewers]
    waiting = [asyncio.ensure_future(anext(viewer)) for viewer in viewers]
    await asyncio.sleep(0)
    clock.advance(1)
    day = await collector.look()
    assert await asyncio.gather(*waiting) == [day] * 3
    assert world.asked == 1
    assert all(day.at - before.at == timedelta(seconds=1) for before in first)
    for viewer in viewers:
        await viewer.aclose()


async def test_one_bad_look_does_not_end_the_collector(collector, world, monkeypatch):
    looks = 0

    async def look():
        nonlocal looks
        looks += 1
        if looks == 1:
            raise RuntimeError("a look that fails")
        second.set()

    second = asyncio.Event()
    monkeypatch.setattr(collector, "look", look)
    monkeypatch.setattr("marketday.web.console.collector.INTERVAL_SECONDS", 0)
    running = asyncio.create_task(collector.run())
    await asyncio.wait_for(second.wait(), 10)
    running.cancel()


async def spin():
    for _ in range(200):
        await asyncio.sleep(0)


@pytest.fixture
async def running(collector, monkeypatch):
    """A collector without pauses while somebody looks, and with an endless pause while nobody looks."""
    monkeypatch.setattr("marketday.web.console.collector.INTERVAL_SECONDS", 0)
    monkeypatch.setattr("marketday.web.console.collector.UNWATCHED_SECONDS", 3600)
    monkeypatch.setattr("marketday.web.console.collector.rest", lambda _seconds: asyncio.sleep(0))
    looks = []
    look = collector.look

    async def counted():
        looks.append(1)
        return await look()

    monkeypatch.setattr(collector, "look", counted)
    task = asyncio.create_task(collector.run())
    while not looks:
        await asyncio.sleep(0.01)
    yield looks
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_without_viewers_only_the_history_is_collected(running):
    await spin()
    assert len(running) <= 2


async def test_a_viewer_gets_a_new_picture_each_second(collector, running):
    pictures = collector.pictures()
    seen = [(await anext(pictures)).at for _ in range(5)]
    assert len(running) >= 4  # the first two may be of the same look, which was under way
    assert len(seen) == 5
    await pictures.aclose()
    await spin()
    left_at = len(running)
    await spin()
    assert len(running) - left_at <= 1


async def test_a_newly_opened_page_shows_the_current_day(collector, running, monkeypatch):
    await spin()
    looked = len(running)
    monkeypatch.setattr("marketday.web.console.collector._FRESH_SECONDS", 0)
    await collector.recent()
    assert len(running) > looked


def test_the_history_is_kept_as_fine_as_it_keeps_older_times():
    assert UNWATCHED_SECONDS <= COARSE_SECONDS
