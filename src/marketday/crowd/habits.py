"""What a person is like: drawn once from a seed, so that a day can be played again."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Card(StrEnum):
    """How a person's card behaves; the values are the sandbox gateway's payment methods."""

    OK = "card_ok"
    DECLINED = "card_declined"
    TIMEOUT = "card_timeout"
    LATE = "card_late"


class Leaves(StrEnum):
    """Where a person loses interest."""

    NEVER = "never"
    WAITING = "waiting"
    CHECKOUT = "checkout"
    CHECKOUT_TIDILY = "checkout_tidily"  # gives the reservation back instead of letting it expire


@dataclass(frozen=True, slots=True)
class Habits:
    """One person's ways; seconds are this person's own pauses."""

    leaves: Leaves
    patience_seconds: float  # how long one who leaves while waiting has waited after the opening
    reloads: bool  # asks for the place in the room again, as a reloaded page does
    presses_twice: bool
    wants_too_many: bool  # asks for more than the limit first
    mischief: bool  # once admitted, tries what must be refused
    taste: float  # in [0, 1): which item is wanted first
    quantity: int  # wanted, where the item's limit allows it
    cards: tuple[Card, ...]  # tried in this order, each after the one before was declined or lost
    browse_seconds: float
    checkout_seconds: float


# How many of a hundred have a habit, and how the crowd is shared out.
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
    """Return the habits of the crowd's person `number`.

    `limit_per_person`, the highest of any item, bounds the quantity wanted; `hurry` multiplies all pauses: 1.0 suits a
    day that is played in minutes.
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
