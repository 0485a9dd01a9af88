"""One process of the crowd: it plays its share of the people, then ends."""

import asyncio
import signal
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import structlog

from marketday.crowd.buyer import play_buyer
from marketday.crowd.intruder import play_intruder
from marketday.crowd.plan import Plan
from marketday.crowd.shopper import play_shoppers

if TYPE_CHECKING:
    from marketday.crowd.http.wire import Wire

_log = structlog.get_logger()


def _visits(wire: "Wire", plan: Plan) -> list[Coroutine[Any, Any, None]]:
    visits: list[Coroutine[Any, Any, None]] = []
    if plan.drop_visit is not None:
        visits += [play_buyer(wire, plan, person) for person in plan.drop_visit.people]
        visits += [play_intruder(wire, plan, person) for person in plan.drop_visit.intruders]
    if plan.mall_visit is not None:
        visits.append(play_shoppers(wire, plan, plan.mall_visit))
    return visits


async def _watched(visit: Coroutine[Any, Any, None], falls: list[str]) -> None:
    """Play one visit; an error in our own code is logged, and ends only this visit."""
    try:
        await visit
    except Exception as error:  # noqa: BLE001 (an error in one visit must not end the others)
        falls.append(type(error).__name__)
        await _log.aexception("crowd.visit_fell_over")


async def play(plan: Plan, wire: "Wire") -> int:
    """Play `plan` until all visits are over, its end, or SIGTERM; return how many visits failed."""
    falls: list[str] = []
    tasks = [asyncio.ensure_future(_watched(visit, falls)) for visit in _visits(wire, plan)]
    everybody = asyncio.gather(*tasks, return_exceptions=True)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, everybody.cancel)
    try:
        await asyncio.wait_for(everybody, max(0.0, plan.stops_at - time.time()))
    except (TimeoutError, asyncio.CancelledError):
        await _log.ainfo("crowd.went_home", unfinished=sum(task.cancelled() for task in tasks))
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
    return len(falls)
