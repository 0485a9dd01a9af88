"""Environments are ended beside each other: one that cannot be ended keeps no other from it."""

import asyncio
from datetime import timedelta

import pytest

from marketday.environments import ending
from marketday.environments.ending import Ending
from marketday.environments.errors import EnvironmentBusy, RecordsUnavailable
from marketday.environments.model import State
from marketday.environments.service import EnvironmentService
from marketday.kit.errors import Permanent
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryClosing, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
DAY = DROP.schedule()


class Refused(Permanent):
    """The mall refuses it."""


class Plane(FilePlane):
    """A plane whose hand-back raises for the drops in `refused`, each time."""

    refused: dict[str, Exception] = {}  # noqa: RUF012 - a test sets its own

    async def hand_back(self, environment, access):
        if environment.drop_slug in self.refused:
            raise self.refused[environment.drop_slug]
        return await super().hand_back(environment, access)


class Day:
    """Environments of some drops, all open; `told` is what the operator reads."""

    def __init__(self, folder):
        self.clock, self.store, self.plane = FakeClock(DAY.build_at), MemoryEnvironments(), Plane(folder)
        self.service = EnvironmentService(self.store, self.plane, self.plane.steps(), NoticeBoard(), self.clock)
        self.closing = MemoryClosing(self.store, self.plane, self.clock)
        self.told = []

    async def opened(self, *slugs):
        for slug in slugs:
            environment = await self.service.request(DROP.model_copy(update={"slug": slug}))
            while (await self.service.advance(environment.id)).outcome:
                pass
        await self.move_to(DAY.opens_at)

    async def move_to(self, moment, *, and_advance=True):
        self.clock.advance((moment - self.clock.now()).total_seconds())
        for environment in await self.store.living() if and_advance else ():
            while (await self.service.advance(environment.id)).outcome:
                pass

    async def end(self, release="", longest_seconds=20.0, living=()):
        ends = Ending(
            *(self.service, self.store, self.closing, self.clock),
            look_every_seconds=0.001,
            longest_seconds=longest_seconds,
        )
        return await ends.end_all(living or await self.store.living(), self.told.append, release)

    async def pass_a_minute(self, _seconds):
        self.clock.advance(60)
        await asyncio.sleep(0)

    async def states(self):
        return {each.drop_slug: each.state for each in await self.store.all()}


@pytest.fixture
def day(tmp_path):
    return Day(tmp_path)


@pytest.mark.parametrize("error", [Refused("its slug is taken"), ValueError("a mistake in the code")])
@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_that_cannot_be_handed_back_leaves_the_others_to_be_ended(day, error, place, monkeypatch):
    slugs = ["first", "second", "third"]
    await day.opened(*slugs)
    day.plane.refused = {slugs[place]: error}
    monkeypatch.setattr(ending, "rest", day.pass_a_minute)  # a step is tried again after a pause

    [standing] = await day.end()

    expected = dict.fromkeys(slugs, State.DESTROYED) | {slugs[place]: State.FAILED}
    assert await day.states() == expected
    assert standing.go_on == f"env retry {standing.environment.id}"
    assert slugs[place] in str(standing)
    assert str(error) in str(standing)


async def test_all_that_stand_are_named(day):
    await day.opened("first", "second", "third")
    day.plane.refused = {"first": Refused("no"), "third": Refused("neither")}
    assert [each.environment.drop_slug for each in await day.end()] == ["first", "third"]
    assert (await day.states())["second"] is State.DESTROYED


async def test_an_error_outside_the_steps_keeps_no_other_from_its_end(day):
    await day.opened("first", "second")
    close = day.closing.close

    async def close_one(environment_id):
        if (await day.store.get(environment_id)).drop_slug == "first":
            raise TypeError("a mistake in the code")
        return await close(environment_id)

    day.closing.close = close_one
    [standing] = await day.end()
    assert "TypeError: a mistake in the code" in str(standing)
    assert await day.states() == {"first": State.OPEN, "second": State.DESTROYED}


async def test_what_people_hold_is_waited_for_and_told(day):
    await day.opened("serum")
    day.plane.waits = ["reservations held: 18,428, the last until 2026-12-10 20:30:00 (Asia/Seoul)"] * 3
    assert await day.end() == []
    [told] = [line for line in day.told if "18,428" in line]
    assert told == f"serum: draining, {'reservations held: 18,428, the last until 2026-12-10 20:30:00 (Asia/Seoul)'}"
    assert day.closing.released == []


async def test_what_people_hold_is_released_at_once_where_that_is_wanted(day):
    await day.opened("serum")
    day.plane.waits = ["reservations held: 18,428"] * 100_000  # longer than the test waits
    assert await day.end(release="marketday down --now by ann on desk") == []
    assert set(day.closing.released) == {"marketday down --now by ann on desk"}


async def test_figures_that_count_down_are_told_now_and_then_alone(day):
    await day.opened("serum")
    day.plane.waits = [f"reservations held: {number}" for number in range(200, 0, -1)]
    assert await day.end() == []
    assert sum("reservations held" in line for line in day.told) <= 2


async def test_records_that_are_away_for_a_while_are_asked_again(day):
    await day.opened("serum")
    living = await day.store.living()
    get, away = day.store.get, [RecordsUnavailable("it restarts")] * 3

    async def get_sometimes(environment_id):
        if away:
            raise away.pop()
        return await get(environment_id)

    day.store.get = get_sometimes
    assert await day.end(living=living) == []


async def test_one_that_does_not_move_is_given_up_with_what_keeps_it(day):
    await day.opened("serum")

    async def busy(_environment_id):
        raise EnvironmentBusy("somebody else is at it")

    day.closing.close = busy
    [environment] = await day.store.living()
    [standing] = await day.end(longest_seconds=-1000)
    assert "nothing has changed" in str(standing)
    assert "somebody else is at it" in str(standing)
    assert standing.go_on == f"env status {environment.id}"


async def test_a_room_that_opened_while_nobody_recorded_it_is_handed_back(day):
    environment = await day.service.request(DROP)
    while (await day.service.advance(environment.id)).outcome:
        pass
    await day.move_to(DAY.opens_at + timedelta(minutes=5), and_advance=False)
    assert await day.end() == []
    done = [record.detail for record in await day.store.steps(environment.id)]
    assert "handed back" in done
    assert "never opened" not in done


async def test_one_that_never_opened_is_given_up(day):
    environment = await day.service.request(DROP)
    assert await day.end() == []
    assert "never opened" in [record.detail for record in await day.store.steps(environment.id)]


async def test_one_that_had_failed_before_is_named_at_once(day):
    await day.opened("serum")
    day.plane.trouble["drain"] = [Refused("broken")]
    await day.move_to(DAY.closes_at)
    [standing] = await day.end()
    assert "drain failed" in str(standing)
