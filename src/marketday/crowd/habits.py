"""The habits of a person: drawn from a seed, so that a day can be repeated."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Card(StrEnum):
    """How a person's card behaves; the values are the payment methods of the sandbox gateway."""

    OK = "card_ok"
    DECLINED = "card_declined"
    TIMEOUT = "card_timeout"
    LATE = "card_late"


class Leaves(StrEnum):
    """Where a person leaves."""

    NEVER = "never"
    WAITING = "waiting"
    CHECKOUT = "checkout"
    CHECKOUT_TIDILY = "checkout_tidily"  # releases the reservation instead of letting it expire


@dataclass(frozen=True, slots=True)
class Habits:
    """One person's habits; seconds are this person's pauses."""

    leaves: Leaves
    patience_seconds: float  # how long after the opening a person waits before leaving, if they leave while waiting
    reloads: bool  # requests their place again, as a reloaded page does
    presses_twice: bool
    wants_too_many: bool  # first tries to get more than the limit
    mischief: bool  # after admission, tries things that must be refused
    taste: float  # in [0, 1): decides which item is wanted first
    quantity: int  # wanted, if the item's limit allows it
    cards: tuple[Card, ...]  # tried in this order, the next one after a card was declined or got no answer
    browse_seconds: float
    checkout_seconds: float


# The percentage of people with each habit.
_RELOADS = 0.12
_PRESSES_TWICE = 0.15
_WANTS_TOO_MANY = 0.04
_MISCHIEF = 0.04
_LEAVES = ((Leaves.NEVER, 84), (Leaves.WAITING, 8), (Leaves.CHECKOUT, 5), (Leaves.CHECKOUT_TIDILY, 3))
_CARDS: tuple[tuple[tuple[Card, ...], int], ...] = (
    ((Card.OK,), 82),
    ((Card.DECLINED, Card.OK), 7),
    ((Card.DECLINED,), 4),
    ((Card.TIMEOUT, Card.OK), 3),
    ((Card.LATE,), 4),
)


def _choose(source: random.Random, weighted: tuple[tuple[T, int], ...]) -> T:
    return source.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def draw_habits(seed: int, number: int, limit_per_person: int, hurry: float = 1.0) -> Habits:
    """Return the habits of person `number` of the crowd.

    `limit_per_person`, the highest of all items, is the largest quantity wanted. `hurry` multiplies all pauses; 1.0 is
    for a day that is played in minutes.
    """
    source = random.Random(f"{seed}/{number}")
    return Habits(
        leaves=_choose(source, _LEAVES),
        patience_seconds=source.uniform(1, 12) * hurry,
        reloads=source.random() < _RELOADS,
        presses_twice=source.random() < _PRESSES_TWICE,
        wants_too_many=source.random() < _WANTS_TOO_MANY,
        mischief=source.random() < _MISCHIEF,
        taste=source.random(),
        quantity=source.randint(1, max(1, limit_per_person)),
        cards=_choose(source, _CARDS),
        browse_seconds=min(source.expovariate(1.0), 4.0) * hurry,
        checkout_seconds=min(source.expovariate(0.6), 6.0) * hurry,
    )
