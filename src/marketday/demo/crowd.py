"""The demo's crowd, as plans for the crowd's workers."""

from collections.abc import Sequence
from pathlib import Path

from marketday.accounts.tokens import load_signing_key, sign_identity
from marketday.crowd.arrivals import ArrivalCurve, arrival_times
from marketday.crowd.coordinator import share
from marketday.crowd.plan import DropFacts, DropVisit, MallVisit, Person, Plan, WantedItem
from marketday.demo.setting import DemoPeople
from marketday.demo.tempo import Tempo
from marketday.drops.definition import DropDefinition
from marketday.environments.model import Environment
from marketday.kit.clock import Clock
from marketday.kit.ids import new_id
from marketday.provisioners.local.mall_plane import MallPlane

WORKERS = 2
FIRST_INTRUDER = 50_000  # larger than the numbers of all buyers, so that their addresses differ too
AFTERWARDS_SECONDS = 8.0  # how long ordinary visits continue, to measure the mall's latency after the drop


def shopper_plan(
    seed: int, plane: MallPlane, people: DemoPeople, definition: DropDefinition, pace: Tempo, now: float
) -> Plan:
    """Return the plan of the mall's ordinary shoppers: from `now` until the environment is destroyed."""
    ends = definition.opens_at.timestamp() + min(pace.sale, pace.crowd) + pace.tail + AFTERWARDS_SECONDS
    visit = MallVisit(visits_per_second=pace.visits_per_second, begins=now, ends=ends, sessions=people.shopper_sessions)
    return Plan(
        seed=seed,
        mall=plane.public_url,
        key=plane.callers.crowd_key,
        journal=Path("crowd.jsonl"),
        stops_at=ends + 10,
        mall_visit=visit,
    )


def drop_plans(
    seed: int, plane: MallPlane, people: DemoPeople, environment: Environment, pace: Tempo, clock: Clock
) -> Sequence[Plan]:
    """Return the plans of the people who come for the drop."""
    definition, schedule = environment.definition, environment.schedule
    opens = definition.opens_at.timestamp()
    room = max(schedule.room_opens_at, clock.now()).timestamp()
    curve = ArrivalCurve(room, max(opens, room), max(opens, room) + min(pace.sale, pace.crowd) * 0.7)
    arrivals = arrival_times(len(people.buyers), curve, seed)
    buyers = [
        Person(number=number, account=account, session=session, arrives=arrives)
        for number, ((account, session), arrives) in enumerate(zip(people.buyers, arrivals, strict=True))
    ]
    intruders = [
        Person(number=FIRST_INTRUDER + number, account=account, session=session, arrives=room + 1 + number / 4)
        for number, (account, session) in enumerate(people.intruders)
    ]
    visit = DropVisit(
        event=environment.outputs["public_url"],
        drop=_facts(definition),
        people=tuple(buyers),
        intruders=tuple(intruders),
        expired_identity=_expired_identity(plane, clock),
        hurry=pace.hurry,
    )
    plan = Plan(
        seed=seed,
        mall=plane.public_url,
        key=plane.callers.crowd_key,
        journal=Path("crowd.jsonl"),
        stops_at=opens + pace.crowd,
        drop_visit=visit,
    )
    return share(plan, WORKERS)


def _facts(definition: DropDefinition) -> DropFacts:
    items = tuple(
        WantedItem(sku=product.sku, stock=product.stock, limit_per_person=product.limit_per_person)
        for product in definition.products
    )
    opens, closes = definition.opens_at.timestamp(), definition.closes_at.timestamp()
    return DropFacts(slug=definition.slug, items=items, opens=opens, closes=closes)


def _expired_identity(plane: MallPlane, clock: Clock) -> str:
    """Return an expired identity token that the mall has signed."""
    key = load_signing_key(plane.signing_key_file)
    return sign_identity(key, new_id(), plane.public_url, clock.now(), lifetime_seconds=-60)
