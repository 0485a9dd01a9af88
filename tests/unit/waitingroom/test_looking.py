"""When somebody who waits looks again; `integration/gate/test_scripts_agree.py` shows that the page's script agrees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.waitingroom.looking import OLDEST_SECONDS, Sight, look_again_seconds

LUCK = st.floats(0, 1, exclude_max=True)
FAR = 3600.0


@pytest.mark.parametrize(
    ("begins_in", "ahead", "rate", "soonest", "latest"),
    [
        (None, 0, 0.0, 1, 1.25),  # an idle room: nobody was called lately, and nobody is ahead
        (None, 0, 20.0, 1, 1.25),
        (None, 3, 0.0, 1, 1.25),
        (None, 12, 0.0, 3, 5),
        (None, 12, 1.0, 3, 5),
        (None, 12, 0.5, 6, 10),
        (None, 5_000, 0.0, 7.5, 12.5),
        (None, 5_000, 20.0, 7.5, 12.5),
        (None, None, 0.0, 7.5, 12.5),  # nothing is to come
        (2.0, None, 0.0, 1, 1.25),
        (-5.0, None, 0.0, 1, 1.25),  # the hour has struck, and the draw is not out yet
        (18.0, None, 0.0, 4.5, 7.5),
        (86_400.0, None, 0.0, 7.5, 12.5),
    ],
)
def test_slower_from_far_and_faster_from_near(begins_in, ahead, rate, soonest, latest):
    sight = Sight(begins_in, ahead, rate, FAR)
    assert look_again_seconds(sight, 0.0) == pytest.approx(soonest)
    assert look_again_seconds(sight, 0.999_999) == pytest.approx(latest, rel=1e-3)


@given(ahead=st.integers(0, 10**6), more=st.integers(0, 10**6), rate=st.floats(0, 1000), luck=LUCK)
def test_who_is_nearer_never_looks_less_often(ahead, more, rate, luck):
    near, far = (look_again_seconds(Sight(None, people, rate, FAR), luck) for people in (ahead, ahead + more))
    assert 1 <= near <= far <= 12.5


@given(ahead=st.integers(0, 1000), closes_in=st.floats(-100, 10_000), luck=LUCK)
def test_nobody_sleeps_through_the_closing(ahead, closes_in, luck):
    calm = look_again_seconds(Sight(None, ahead, 1.0, -FAR), luck)
    seconds = look_again_seconds(Sight(None, ahead, 1.0, closes_in), luck)
    assert seconds <= calm
    if closes_in > -OLDEST_SECONDS:
        assert seconds == calm or 2 < seconds - closes_in <= 5.5
    else:
        assert seconds == calm
