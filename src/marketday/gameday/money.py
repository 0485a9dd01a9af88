"""Orders that were told, and the money of those that are lost. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from marketday.crowd.journal import VisitorRole
from marketday.crowd.report.evidence import told_orders
from marketday.crowd.report.model import Day

PAID = "paid"
_GIVEN_BACK = frozenset({"refunded", "voided"})


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of the paid orders that people were told of. Members are ids of orders, of payments the last two."""

    told: Mapping[str, float]  # when each was told first, in seconds since 1970
    kept: frozenset[str]  # in the mall
    given_back: frozenset[str]  # not in the mall, and the gateway has given the money back
    lost: frozenset[str]  # neither
    keeps: frozenset[str]  # money taken at the gateway, without an order in the mall
    set_aside: frozenset[str]  # money set aside at the gateway, neither taken nor released


def promises(day: Day) -> Promises:
    """Return what became of the paid orders. An order has the id of its payment at the gateway.

    Without the mall's orders, or without the gateway's ledger, nothing counts as kept or given back.
    """
    told: dict[str, float] = {}
    for answer in day.answers:
        if answer.role == VisitorRole.BUYER:
            for order in told_orders([answer]):
                if order.state == PAID:
                    told.setdefault(order.id, answer.at + answer.seconds)
    have = {order.id for order in day.orders or () if order.state == PAID}
    states = {line.reference: line.state for line in day.ledger or ()}
    missing = told.keys() - have
    back = {order for order in missing if states.get(order) in _GIVEN_BACK}
    return Promises(
        told=told,
        kept=frozenset(told.keys() & have),
        given_back=frozenset(back),
        lost=frozenset(missing - back),
        keeps=frozenset(reference for reference, state in states.items() if state == "captured") - have,
        set_aside=frozenset(reference for reference, state in states.items() if state == "authorised"),
    )
