"""Go or no-go: which points a day has, and what a no-go holds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from marketday.environments.errors import SmokeFailed
from marketday.environments.model import State, Step
from marketday.environments.notices import NoticeKind

from .a_played_day import DAY, DROP, Broken, Played

ROOM = DAY.room_opens_at


async def _requested_late(folder, minutes, *, waits=0, build_now=False):
    played = Played(folder)
    played.clock.advance((ROOM - timedelta(minutes=minutes) - played.clock.now()).total_seconds())
    played.plane.apply_waits = ["terraform: apply"] * waits
    played.id = (await played.service.request(DROP, build_now=build_now)).id
    await played.go_on()
    return played


@pytest.mark.parametrize("build_now", [False, True])
async def test_a_point_before_an_environment_was_asked_for_is_none_of_its_points(tmp_path, build_now):
    played = await _requested_late(tmp_path, 50, waits=1, build_now=build_now)
    assert played.told(NoticeKind.NO_GO) == []
    await played.go_on()
    for minutes in (45, 20):
        await played.at(ROOM - timedelta(minutes=minutes))
    assert [step for step, _ in played.told(NoticeKind.GO)] == [Step.HAND_OVER, Step.SMOKE]
    assert played.told(NoticeKind.NO_GO) == []


async def test_the_later_points_count_for_one_that_was_asked_for_late(tmp_path):
    played = await _requested_late(tmp_path, 50, waits=9)
    await played.at(ROOM - timedelta(minutes=45))
    assert [step for step, _ in played.told(NoticeKind.NO_GO)] == [Step.HAND_OVER]
    stopped = await played.at(ROOM - timedelta(minutes=20))
    assert stopped.environment.state is State.FAILED
    assert stopped.environment.failure.startswith("no-go: smoke is not done")


async def test_one_that_is_asked_for_after_the_last_point_has_none(tmp_path):
    played = await _requested_late(tmp_path, 10)
    assert (await played.store.get(played.id)).state is State.READY
    assert played.told(NoticeKind.GO) == played.told(NoticeKind.NO_GO) == []


async def test_one_that_is_asked_for_while_the_room_would_be_open_keeps_its_moments_in_order(tmp_path):
    played = await _requested_late(tmp_path, -5)
    day = (await played.store.get(played.id)).schedule
    assert day.build_at <= day.room_opens_at <= day.opens_at


async def test_what_is_given_up_is_no_day_to_decide_on(tmp_path):
    played = Played(tmp_path)
    played.plane.trouble["hand_over"] = [Broken("too little")]
    await played.begin()
    played.plane.trouble["destroy"] = [ConnectionError("no answer")]
    await played.service.destroy(played.id)
    ended = await played.at(ROOM - timedelta(minutes=20))
    assert ended.environment.state is State.DESTROYED
    assert played.told(NoticeKind.NO_GO) == []


async def test_a_no_go_holds_the_room_until_a_person_lets_it_go_on(tmp_path):
    played = Played(tmp_path)
    played.plane.trouble["walk"] = [SmokeFailed("502")] * 8
    await played.begin()
    room = Path((await played.plane.access(await played.store.get(played.id))).valkey_url) / "room"
    for _ in range(8):
        await played.at(played.clock.now() + timedelta(seconds=30))
    stopped = await played.at(ROOM - timedelta(minutes=20))
    assert stopped.environment.state is State.FAILED
    assert not room.exists()
    await played.service.retry(played.id)
    await played.go_on()
    assert room.exists()


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
async def test_every_hour_of_an_opening_has_all_its_points(tmp_path, hour, zone):
    opens_at = datetime(2026, 11, 1, hour, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    moments = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=1)}
    drop = DROP.model_copy(update={"zone": zone, **moments})
    played = Played(tmp_path, drop)
    await played.begin(drop)
    for minutes in (75, 45, 20):
        await played.at(drop.schedule().room_opens_at - timedelta(minutes=minutes))
    assert [step for step, _ in played.told(NoticeKind.GO)] == [Step.PROVISION, Step.HAND_OVER, Step.SMOKE]
