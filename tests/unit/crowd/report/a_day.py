"""A small day on which every check passes; tests change one thing in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from marketday.crowd.journal import Answer
from marketday.crowd.report.model import (
    Allocation,
    Day,
    Item,
    LedgerLine,
    Leftovers,
    Line,
    MallOrder,
    Moments,
    Step,
)
from marketday.waitingroom.draw import commitment, permutation

OPENS = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)
SEED = bytes(range(32))
SKU, PRICE = "SERUM", 10_000
COHORT = 3
BUYERS = ("p0", "p1", "p2")


def answer(person: str, action: str, at: float, status: int = 200, **more: Any) -> Answer:
    service = more.pop("service", "store")
    role, problem, key = more.pop("role", "buyer"), more.pop("problem", ""), more.pop("key", "")
    moment = OPENS.timestamp() + at
    return Answer(moment, 0.02, person, role, service, action, status, problem, key, more)


def order_document(number: int, quantity: int = 1) -> dict[str, Any]:
    return {
        "id": f"o{number}",
        "state": "paid",
        "lines": [{"sku": SKU, "quantity": quantity}],
        "total_minor": quantity * PRICE,
        "currency": "KRW",
    }


def _buyer(index: int) -> list[Answer]:
    person, key = BUYERS[index], f"key-{index}"
    drawn = permutation(SEED, index, COHORT)
    seen = {"seed": SEED.hex(), "cohort": COHORT, "left": 10 - index, "stock": "available"}
    join = answer(person, "join", -9 + index, 201, service="gate", index=index, commitment=commitment(SEED).hex())
    paid = {"order": order_document(index), "payment": {"state": "captured"}}
    return [
        join,
        answer(person, "now", 0.5, service="gate", **seen),
        answer(person, "reload", 0.7, service="gate", index=index, position=drawn),
        answer(person, "exchange", 1.0 + drawn, 201, service="gate", index=index, place=drawn),
        answer(person, "reserve", 2, 201, key=f"r-{key}", id=f"r{index}", quantity=1),
        answer(person, "reserve", 2, 201, key=f"r-{key}", id=f"r{index}", quantity=1),
        answer(person, "pay", 3, 201, key=key, **paid),
        answer(person, "order", 3.5, 200, **order_document(index)),
        answer(person, "pay", 4, 201, key=key, **paid),
    ]


def good_day() -> Day:
    answers = [each for index in range(COHORT) for each in _buyer(index)]
    answers.append(answer("x", "forged_token", 1, 401, role="intruder", service="gate", problem="invalid-token"))
    answers += [answer("s", "home", at, role="shopper", service="mall") for at in (-30, 1, 70)]
    orders = [
        MallOrder(f"o{n}", BUYERS[n], "paid", PRICE, "KRW", (Line(SKU, 1, PRICE),), ((f"pay{n}", "captured"),))
        for n in range(COHORT)
    ]
    return Day(
        drop="serum",
        name={"ko": "세럼", "en": "Serum"},
        seed=7,
        moments=Moments(OPENS - timedelta(seconds=20), OPENS, OPENS + timedelta(seconds=60), "Asia/Seoul"),
        items=[Item(SKU, 10, 2)],
        people=COHORT,
        answers=sorted(answers, key=lambda each: each.at),
        orders=orders,
        ledger=[LedgerLine(f"pay{n}", "captured", PRICE, "KRW") for n in range(COHORT)]
        + [LedgerLine("no", "declined", PRICE, "KRW")],
        allocations=[Allocation(SKU, 10, 7)],
        steps=[
            Step("provision", "started", "", OPENS - timedelta(seconds=60)),
            Step("provision", "done", "six processes", OPENS - timedelta(seconds=50)),
            Step("smoke", "failed", "<script>", OPENS - timedelta(seconds=45)),
        ],
        receipt={
            "kind": "handed-back",
            "promotion": {"orders": 3, "units_returned": 7},
            "equations": ["a", "b"],
            "tables": {"orders": {"rows": 3, "sha256": "ab"}},
            "sums": [{"table": "orders", "state": "paid", "currency": "KRW", "rows": 3, "amount_minor": 30_000}],
        },
        expired_at=[OPENS + timedelta(seconds=20)],
        left_behind=Leftovers(("processes", "port 4242"), ()),
    )


def with_answers(day: Day, *more: Answer) -> Day:
    return replace(day, answers=[*day.answers, *more])


def with_order(day: Day, number: int, **changes: Any) -> Day:
    orders = list(day.orders or ())
    orders[number] = replace(orders[number], **changes)
    return replace(day, orders=orders)
