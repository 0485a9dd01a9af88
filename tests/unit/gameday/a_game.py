"""A recorded game day, in small: twenty people buy one unit each; tests change one thing in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from marketday.crowd.journal import Answer
from marketday.crowd.report.model import Allocation, Day, Item, LedgerLine, Line, MallOrder, Moments
from marketday.gameday.model import Course, Fault, Moment, MomentKind, TimeTarget
from marketday.gameday.names import ScenarioName

OPENS = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)
ZERO = OPENS.timestamp()
SKU, PRICE, STOCK = "SERUM", 10_000, 30
ORDERS = 20
PAID_ORDER = frozenset({"store pay"})


def answer(at: float, action: str = "pay", status: int = 200, **more: Any) -> Answer:
    service, role = more.pop("service", "store"), more.pop("role", "buyer")
    person, problem = more.pop("person", "p"), more.pop("problem", "")
    return Answer(ZERO + at, 0.02, person, role, service, action, status, problem, "", more)


def told(number: int, at: float) -> Answer:
    document = {"id": f"o{number}", "state": "paid", "lines": [{"sku": SKU, "quantity": 1}], "total_minor": PRICE}
    return answer(at, "pay", 201, person=f"p{number}", order=document)


def order(number: int) -> MallOrder:
    payments = ((f"o{number}", "captured"),)
    return MallOrder(f"o{number}", f"p{number}", "paid", PRICE, "KRW", (Line(SKU, 1, PRICE),), payments)


def paid(number: int, state: str = "captured") -> LedgerLine:
    return LedgerLine(f"o{number}", state, PRICE, "KRW")


def a_course(fault: tuple[float, float] | None = (10, 20), quiet: tuple[float, float] = (10, 18)) -> Course:
    """Return a course in which one order is told each second, but none while it is `quiet`."""
    seconds = [at for at in range(ORDERS + int(quiet[1] - quiet[0])) if not quiet[0] <= at < quiet[1]]
    answers = [told(number, at) for number, at in enumerate(seconds)]
    answers += [answer(at, "reserve", 503, problem="store-unavailable") for at in range(int(quiet[0]), int(quiet[1]))]
    answers += [answer(at, "home", role="shopper", service="mall") for at in range(30)]
    day = Day(
        drop="serum",
        name={"ko": "세럼", "en": "Serum"},
        seed=7,
        moments=Moments(OPENS - timedelta(seconds=20), OPENS, OPENS + timedelta(seconds=60), "Asia/Seoul"),
        items=[Item(SKU, STOCK, 1)],
        people=ORDERS,
        answers=sorted(answers, key=lambda each: each.at),
        orders=[order(number) for number in range(ORDERS)],
        ledger=[paid(number) for number in range(ORDERS)],
        allocations=[Allocation(SKU, STOCK, STOCK - ORDERS)],
    )
    begins = Fault(ZERO + fault[0], ZERO + fault[1]) if fault else None
    moments = [
        Moment(ZERO + 10, MomentKind.BROKEN, "zone_lost", {"processes": "store-2"}),
        Moment(ZERO + 19, MomentKind.RECOVERY, "restarted", {"plane": "event", "process": "<store-2>"}),
    ]
    return Course(ScenarioName.ZONE, day, moments, begins, TimeTarget(PAID_ORDER, 15.0), planned_opening=ZERO)


def with_day(course: Course, **changes: Any) -> Course:
    """Return the course with another day."""
    return replace(course, day=replace(course.day, **changes))
