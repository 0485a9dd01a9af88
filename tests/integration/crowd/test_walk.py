"""The crowd walks through a small shop over HTTP, and its own journal tells what happened."""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from marketday.apps.crowd import play_here
from marketday.crowd.arrivals import ArrivalCurve, arrival_times
from marketday.crowd.coordinator import Crowd, share
from marketday.crowd.errors import WorkerEnded
from marketday.crowd.journal import Answer, read_journals
from marketday.crowd.plan import DropFacts, DropVisit, MallVisit, Person, Plan, WantedItem
from marketday.crowd.report import conduct, sums
from marketday.crowd.report.model import Allocation, Day, Item, Line, MallOrder, Moments
from marketday.provisioners.local.priority import EVENT_NICE

from .a_shop import LIMIT, PRICE, SKU, SLUG, SmallShop, served

PEOPLE = 60


def _plan(url: str, shop: SmallShop, folder: Path, **changes: Any) -> Plan:
    curve = ArrivalCurve(shop.opens - 1.0, shop.opens, shop.opens + 1.5)
    people = [
        Person(number=n, account=f"person-{n}", session=f"session-person-{n}", arrives=arrives)
        for n, arrives in enumerate(arrival_times(PEOPLE, curve, 11))
    ]
    items = [WantedItem(sku=SKU, stock=shop.stock, limit_per_person=LIMIT)]
    drop = DropFacts(slug=SLUG, items=items, opens=shop.opens, closes=shop.closes)
    bad = [Person(number=900, account="bad", session="session-bad", arrives=0)]
    visit = DropVisit(event=url, drop=drop, people=people, intruders=bad, expired_identity="old", hurry=0.1)
    plan = Plan(
        seed=11, mall=url, key="a key", journal=folder / "crowd-0.jsonl", stops_at=shop.closes + 20, drop_visit=visit
    )
    return plan.model_copy(update=changes)


def _shop(**settings: Any) -> SmallShop:
    opens = time.time() + 1.0
    return SmallShop(opens=opens, **{"closes": opens + 4, "stock": 20, **settings})


def _day(shop: SmallShop, answers: list[Answer]) -> Day:
    moment = datetime.fromtimestamp(shop.opens, UTC)
    orders = [
        MallOrder(
            order["id"],
            order["person"],
            "paid",
            order["total_minor"],
            "KRW",
            (Line(SKU, order["lines"][0]["quantity"], PRICE),),
        )
        for order in shop.orders.values()
    ]
    return Day(
        drop=SLUG,
        name={"ko": "", "en": ""},
        seed=11,
        moments=Moments(moment, moment, moment, "Asia/Seoul"),
        items=[Item(SKU, shop.stock, LIMIT)],
        people=PEOPLE,
        answers=answers,
        orders=orders,
        ledger=None,
        allocations=[Allocation(SKU, shop.stock, shop.stock - shop.sold())],
    )


JUDGES = (
    sums.sold_within_stock,
    sums.nobody_over_limit,
    sums.orders_as_told,
    sums.quantities_as_told,
    conduct.repeats_gave_first_answer,
    conduct.draw_was_fair,
    conduct.bad_actors_refused,
    conduct.crowd_was_whole,
)


async def test_a_crowd_sells_out_a_shop_and_its_journal_proves_it(tmp_path: Path) -> None:
    shop = _shop(closes=time.time() + 15)  # so long that on a busy machine, too, somebody in line is in time
    async with served(shop) as url:
        plan = _plan(url, shop, tmp_path)
        assert await play_here(plan) == 0

    answers = read_journals([plan.journal])
    day = _day(shop, answers)
    assert {judge.__name__: judge(day).trouble for judge in JUDGES if not judge(day).holds} == {}
    assert shop.sold() > shop.stock / 2
    actions = {"join", "now", "exchange", "reserve", "stand_by", "look", "pay", "order", "orders"}
    assert actions <= {each.action for each in answers}
    offered = set(shop.line.values()) - {""}
    assert any(each in shop.orders for each in offered), "a unit that came back was sold to somebody who waited"
    assert len({address for _, address in shop.requests}) == PEOPLE + 1


async def test_a_busy_shop_is_asked_again_with_the_same_key(tmp_path: Path) -> None:
    shop = _shop(busy_every=7)
    async with served(shop) as url:
        plan = _plan(url, shop, tmp_path)
        await play_here(plan)

    answers = read_journals([plan.journal])
    day = _day(shop, answers)
    assert any(each.status == 503 for each in answers)
    assert {judge.__name__: judge(day).trouble for judge in JUDGES if not judge(day).holds} == {}


async def test_a_shop_that_forgets_keys_is_found_out(tmp_path: Path) -> None:
    shop = _shop(forgets_keys=True, stock=100)
    async with served(shop) as url:
        plan = _plan(url, shop, tmp_path)
        await play_here(plan)

    assert not conduct.repeats_gave_first_answer(_day(shop, read_journals([plan.journal]))).holds


async def test_nobody_there_is_no_reason_to_stay_beyond_the_end(tmp_path: Path) -> None:
    shop = _shop()
    plan = _plan("http://127.0.0.1:9", shop, tmp_path, stops_at=time.time() + 1.5)

    assert await play_here(plan) == 0
    assert time.time() < plan.stops_at + 5
    assert {each.status for each in read_journals([plan.journal])} == {0}


async def test_workers_share_a_crowd_and_write_a_journal_each(tmp_path: Path) -> None:
    shop = _shop()
    async with served(shop) as url:
        crowd = await Crowd(tmp_path / "crowd").start(share(_plan(url, shop, tmp_path), 2))
        try:
            await crowd.wait()
        finally:
            await crowd.stop()

    answers = read_journals(crowd.journals)
    assert len(crowd.journals) == 2
    assert conduct.crowd_was_whole(_day(shop, answers)).holds
    assert sums.orders_as_told(_day(shop, answers)).holds


async def test_the_people_of_a_drop_weigh_less_than_the_malls_visitors(tmp_path: Path) -> None:
    """Each worker has a session of its own, because Linux may weigh sessions instead of processes (autogroup)."""
    shop = _shop()
    own = os.getpriority(os.PRIO_PROCESS, 0)
    async with served(shop) as url:
        visit = MallVisit(visits_per_second=1, begins=shop.opens, ends=shop.opens + 600)  # both are stopped
        crowd = await Crowd(tmp_path / "crowd").start(share(_plan(url, shop, tmp_path, mall_visit=visit), 1))
        try:
            visitors, people = crowd.pids
            assert [os.getsid(pid) for pid in crowd.pids] == crowd.pids
            async with asyncio.timeout(30):
                while _weights(people) not in ([EVENT_NICE], [EVENT_NICE, EVENT_NICE]):
                    await asyncio.sleep(0.02)
            assert _weights(visitors) in ([own], [own, 0])
        finally:
            await crowd.stop()


def _weights(pid: int) -> list[int]:
    """Return the weight of a process, and of its session if Linux weighs sessions."""
    session = Path(f"/proc/{pid}/autogroup")
    of_session = [int(session.read_text("ascii").split()[-1])] if session.exists() else []
    return [os.getpriority(os.PRIO_PROCESS, pid), *of_session]


async def test_a_worker_that_cannot_start_is_told(tmp_path: Path) -> None:
    plan = _plan("http://localhost:1", _shop(), tmp_path).model_copy(update={"mall": "http://example.com"})

    crowd = await Crowd(tmp_path / "crowd").start([plan])
    with pytest.raises(WorkerEnded, match="status 2"):
        await crowd.wait()

    assert "another machine" in (tmp_path / "crowd" / "crowd-0.log").read_text()
