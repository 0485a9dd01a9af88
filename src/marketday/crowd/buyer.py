"""A person who comes for the drop: from the mall through the waiting room to the store."""

import asyncio
import time
from typing import TYPE_CHECKING

from marketday.crowd.client import Visitor
from marketday.crowd.habits import draw_habits
from marketday.crowd.identity import identify
from marketday.crowd.intruder import Intruder, disguise
from marketday.crowd.journal import VisitorRole
from marketday.crowd.plan import Person, Plan
from marketday.crowd.purchase import Purchase
from marketday.crowd.targets import address_of
from marketday.crowd.waiting import WayIn

if TYPE_CHECKING:
    from marketday.crowd.http.wire import Wire


async def play_buyer(wire: "Wire", plan: Plan, person: Person) -> None:
    """Play one person's whole visit. It begins at the planned time and does not depend on other people."""
    if plan.drop_visit is None:
        return
    visit = plan.drop_visit
    limit = max(item.limit_per_person for item in visit.drop.items)
    habits = draw_habits(plan.seed, person.number, limit, visit.hurry)
    visitor = Visitor(wire, person.account, VisitorRole.BUYER, address_of(person.number))
    # Identity tokens are valid for hours, and people open the drop's page in the mall before they come.
    await asyncio.sleep(visitor.luck.random() * max(0.0, person.arrives - time.time()))
    if not await identify(visitor, plan.mall, person.session, plan.stops_at):
        return
    await asyncio.sleep(max(0.0, person.arrives - time.time()))
    admission = await WayIn(visitor, visit, habits, plan.stops_at).admission()
    if admission is None:
        return
    visitor.headers["Marketday-Admission"] = admission
    intruder = Intruder(disguise(wire, visitor), visit) if habits.mischief else None
    if intruder is not None:
        await _lend(wire, plan, person, admission)
    await Purchase(visitor, visit, habits, plan.stops_at, intruder).run()


async def _lend(wire: "Wire", plan: Plan, person: Person, admission: str) -> None:
    """Let another person, who is not admitted, try to use this person's admission."""
    visit = plan.drop_visit
    if visit is None or not visit.intruders:
        return
    accomplice = visit.intruders[person.number % len(visit.intruders)]
    visitor = Visitor(wire, accomplice.account, VisitorRole.INTRUDER, address_of(accomplice.number))
    if await identify(visitor, plan.mall, accomplice.session, plan.stops_at):
        await Intruder(visitor, visit).with_a_stolen_admission(admission)
