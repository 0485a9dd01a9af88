"""The loop of `admission.py` with a simulated store and simulated people: what it converges to, and what it sells."""

import random
from collections import deque
from dataclasses import dataclass, field, replace
from functools import cache
from heapq import heappop, heappush
from math import inf

import pytest

from marketday.waitingroom.admission import Limits, Load, Pace, StoreSpeed, first_pace, next_pace, next_serving_number

STEP = 0.25  # seconds between two turns of the loop
WINDOW = 4.0  # what a measurement of the store looks back on
GRACE, DECIDING, STAY, HOLD = 7.0, 7.0, 20.0, 8.0
COMES, BUYS, PAYS = 0.9, 0.8, 0.93  # shares


@dataclass
class Store:
    """Serves `capacity` requests a second in order; what it cannot serve waits."""

    capacity: float
    free_at: float = 0.0
    answered: deque[tuple[float, float]] = field(default_factory=deque)  # when, and how long it took

    def reserve(self, at: float) -> float:
        self.free_at = max(self.free_at, at) + 1 / self.capacity
        self.answered.append((self.free_at, self.free_at - at + 0.01))
        return self.free_at

    def speed(self, at: float) -> StoreSpeed:
        while self.answered and self.answered[0][0] < at - WINDOW:
            self.answered.popleft()
        seconds = sorted(took for when, took in self.answered if when <= at)
        return StoreSpeed(seconds[int(0.95 * (len(seconds) - 1))] if seconds else None, len(seconds) / WINDOW)


@dataclass(order=True)
class Person:
    reserves_at: float
    comes_at: float
    buys: bool  # otherwise this person only looks
    pays: bool  # otherwise this person leaves with a reservation, which expires
    holds_at: float = inf
    leaves_at: float = inf


@dataclass
class Day:
    """One drop: people who are called come after a while, and most of them buy."""

    limits: Limits
    store: Store
    units: int
    entries: int
    called: list[tuple[float, int]] = field(default_factory=list)  # when, and the serving number from then on
    came: list[float] = field(default_factory=list)  # when each person comes
    lately: list[float] = field(default_factory=list)  # those of the last seconds, and on the way
    reserving: list[Person] = field(default_factory=list)  # a heap
    inside: list[Person] = field(default_factory=list)  # and on the way
    returned: list[float] = field(default_factory=list)  # when a unit that was held comes back
    paces: list[Pace] = field(default_factory=list)
    p95s: list[float] = field(default_factory=list)
    sold: int = 0

    def play(self, seconds: float) -> None:
        luck, now = random.Random(7), len(self.paces) * STEP
        for turn in range(int(seconds / STEP)):
            at = now + turn * STEP
            self._happens(at)
            speed = self.store.speed(at)
            pace = next_pace(self.paces[-1] if self.paces else first_pace(self.limits), self.limits, speed, STEP)
            self.p95s.append(speed.p95_seconds or 0.0)
            serving = self.called[-1][1] if self.called else 0
            wanted = next_serving_number(self._load(at, serving), self.limits, pace) if self.units > 0 else serving
            self.paces.append(replace(pace, credit=pace.credit - (wanted - serving)))
            if wanted > serving:
                self.called.append((at, wanted))
            for _ in range(wanted - serving):
                if luck.random() < COMES:
                    comes = at + luck.uniform(0.2, 2.5)
                    reserves = comes + luck.expovariate(1.0)
                    person = Person(reserves, comes, luck.random() < BUYS, luck.random() < PAYS)
                    heappush(self.reserving, person)
                    self.inside.append(person)
                    self.came.append(comes)
                    self.lately.append(comes)

    def _happens(self, now: float) -> None:
        """Let everything happen that is due: in order, because the store serves in order."""
        self.units += sum(at <= now for at in self.returned)
        self.returned = [at for at in self.returned if at > now]
        while self.reserving and self.reserving[0].reserves_at <= now:
            each = heappop(self.reserving)
            each.leaves_at = each.comes_at + STAY
            answered = self.store.reserve(each.reserves_at)
            if not each.buys or self.units == 0:
                continue
            self.units -= 1
            each.holds_at = answered
            if each.pays:
                self.sold += 1
                each.leaves_at = answered + 2.0
            else:
                self.returned.append(answered + HOLD)

    def _load(self, now: float, serving: int) -> Load:
        grace, deciding = now - GRACE, now - DECIDING
        self.inside = [each for each in self.inside if each.leaves_at > now]
        self.lately = [at for at in self.lately if at > grace]
        return Load(
            serving_number=serving,
            entries=self.entries,
            inside=sum(each.comes_at <= now for each in self.inside),
            deciding=sum(deciding < each.comes_at <= now < each.holds_at for each in self.inside),
            called_before_grace=next((number for at, number in reversed(self.called) if at <= grace), 0),
            came_within_grace=sum(at <= now for at in self.lately),
            units_left=self.units,
        )

    def per_second(self, begins: float, ends: float) -> float:
        return sum(begins <= at < ends for at in self.came) / (ends - begins)


def a_day(capacity: float, *, ceiling: float = 60.0, units: int = 10**6, entries: int = 10**6) -> Day:
    limits = Limits(ceiling, int(ceiling * 10), claim_grace_seconds=GRACE, deciding_seconds=DECIDING)
    return Day(limits, Store(capacity), units, entries)


@cache
def a_long_day(capacity: float) -> Day:
    day = a_day(capacity)
    day.play(90)
    return day


@pytest.mark.parametrize("capacity", [8.0, 20.0, 40.0, 70.0, 500.0])
def test_as_many_come_in_as_the_store_serves_and_the_pace_does_not_swing(capacity: float) -> None:
    day = a_long_day(capacity)
    settled, p95s = [pace.per_second for pace in day.paces[180:]], sorted(day.p95s[180:])
    least = 0.75 if capacity > day.limits.admissions_per_second / 4 else 0.4  # far below the ceiling it is careful
    assert least * min(capacity, 54) <= day.per_second(45, 90) <= min(1.05 * capacity, 60)
    assert max(settled) <= 3 * min(settled)
    assert p95s[len(p95s) // 2] <= 1.0


def test_a_slower_store_gets_fewer_people() -> None:
    came = [len(a_long_day(capacity).came) for capacity in (8.0, 20.0, 40.0, 70.0)]
    assert came == sorted(came)
    assert came[0] < came[-1] / 3


def test_a_store_that_becomes_slow_gets_fewer_and_one_that_recovers_gets_them_again() -> None:
    day = a_day(200.0)
    day.play(20)
    assert day.paces[-1].per_second == 60
    day.store.capacity = 15.0
    day.play(40)
    assert day.paces[-1].per_second < 25
    day.store = Store(200.0)
    day.play(60)
    assert day.paces[-1].per_second > 50


@pytest.mark.parametrize(("units", "ceiling"), [(30, 20.0), (400, 20.0), (2000, 48.0)])
def test_every_unit_is_sold_while_people_wait(units: int, ceiling: float) -> None:
    day = a_day(150.0, ceiling=ceiling, units=units, entries=10_000)
    day.play(max(48, units / 20))
    assert (day.sold, day.units, day.returned) == (units, 0, [])
    assert len(day.came) < 3 * units + 100
