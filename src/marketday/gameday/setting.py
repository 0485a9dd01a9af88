"""The size and the pace of a game day. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from marketday.demo.tempo import Tempo, played_at
from marketday.drops.definition import DropDefinition

_ALL_CALLED_AT = 0.8  # people are called so slowly that some still come in at this share of the sale


@dataclass(frozen=True, slots=True)
class Setting:
    """A small day whose sale lasts, so that something can break in the middle of it. Times in seconds."""

    people: int = 240
    units: int = 320
    room: float = 12.0
    sale: float = 60.0
    hold: int = 8
    admission: int = 30
    crowd: float | None = None  # until how long after the opening people come and shop; None for the whole sale
    tail: float = 12.0  # from the closing to the destruction, at least
    at: float = 15.0  # how long after the opening it breaks, if the scenario asks for it
    fault: float = 20.0  # how long it is kept broken, likewise
    visits_per_second: float = 3.0

    def lasting(self, fault_seconds: float) -> Self:
        """Return this setting with a longer or shorter fault, and a sale that is longer or shorter by as much."""
        return replace(self, fault=fault_seconds, sale=self.sale + fault_seconds - self.fault)

    def beginning(self, at: float) -> Self:
        """Return this setting with another moment of the fault, and a sale that is longer or shorter by as much."""
        return replace(self, at=at, sale=self.sale + at - self.at)

    def of_people(self, people: int) -> Self:
        """Return this setting for so many people, with units in proportion."""
        return replace(self, people=people, units=max(1, round(self.units * people / self.people)))

    @property
    def shopping(self) -> float:
        """How long people come and shop."""
        return self.sale if self.crowd is None else self.crowd

    def pace(self, mall_seconds: float) -> Tempo:
        """Return the speed of the day on a machine that took `mall_seconds` to start the mall; see `demo.tempo`."""
        return Tempo(
            build=max(15.0, 10.0 + 1.5 * mall_seconds),
            room=self.room,
            sale=self.sale,
            crowd=self.shopping + (self.hold if self.crowd is None else 0.0) + 20.0,
            tail=self.tail,
            hold=self.hold,
            admission=self.admission,
            hurry=0.5,
            visits_per_second=self.visits_per_second,
        )

    def definition(self, definition: DropDefinition, now: datetime, pace: Tempo) -> DropDefinition:
        """Return `definition` as a day that begins at `now`, with a steady stream of people into the store."""
        played = played_at(definition, now, pace, self.units, self.people)
        rate = round(self.people / (self.shopping * _ALL_CALLED_AT), 1)
        limits = played.rate_limits.model_copy(update={"admissions_per_second": rate, "inside": self.people})
        return played.model_copy(update={"rate_limits": limits})
