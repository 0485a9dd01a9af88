from datetime import UTC, datetime, timedelta

from marketday.environments.model import requested
from marketday.environments.wake_ups import Ticking, moments, ticking
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum

DROP = dawn_serum()
DAY = DROP.schedule()


def environment(**definition):
    drop = DROP.model_copy(update=definition)
    return requested(new_id(), drop, drop.schedule())


def test_the_day_of_a_drop_in_its_order():
    found = moments(environment())
    assert list(found) == [
        *("look-3d", "look-1d"),
        *("build", "point-provision", "point-hand_over", "point-smoke", "room", "close"),
        *("leaving-120m", "leaving-30m", "destroy"),
    ]
    assert found["build"] == datetime(2026, 12, 9, 13, tzinfo=UTC)  # 22:00 of the day before, in Seoul
    assert found["look-3d"] == datetime(2026, 12, 6, 13, tzinfo=UTC)
    assert found["destroy"] == datetime(2026, 12, 10, 15, tzinfo=UTC)  # 00:00 of the day after
    assert found["point-smoke"] == DAY.room_opens_at - timedelta(minutes=20)


def test_a_window_for_each_full_hour_while_it_is_open():
    found = moments(environment(closes_at=DAY.opens_at + timedelta(hours=3)))
    windows = {name: moment for name, moment in found.items() if name.startswith("window")}
    assert windows == {f"window-{hour}": DAY.opens_at + timedelta(hours=hour) for hour in (1, 2)}


def test_an_extended_environment_is_warned_of_again_two_days_ahead():
    extended = environment().living_until(DAY.destroy_at + timedelta(days=3))
    found = moments(extended)
    assert found["destroy"] == DAY.destroy_at + timedelta(days=3)
    assert found["leaving-2880m"] == DAY.destroy_at + timedelta(days=1)


def test_it_is_looked_at_each_minute_until_it_may_not_stand_and_a_day_more():
    one = environment()
    assert ticking(one, DAY.build_at) == Ticking(DAY.build_at, DAY.destroy_at + timedelta(days=2))
    late = DAY.destroy_at + timedelta(days=9)
    assert ticking(one, late).end == late + timedelta(days=1)
    assert ticking(one.living_until(late), DAY.build_at).end == late + timedelta(days=1)
