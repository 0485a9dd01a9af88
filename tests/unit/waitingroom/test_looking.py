"""When somebody who waits looks again; `integration/gate/test_scripts_agree.py` shows that the page's script agrees."""

import random
from collections import Counter
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.waitingroom.looking import (
    LONGEST_SPREAD_SECONDS,
    LOOKS_PER_SECOND,
    OLDEST_SECONDS,
    Sight,
    look_again_seconds,
)

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
        (None, 3_000, 0.0, 7.5, 12.5),  # nobody was called yet: the turn may be nearer than it looks
        (None, 6_000, 0.0, 15, 25),  # but not as near as that
        (None, 5_000, 20.0, 22.5, 37.5),
        (None, 600, 20.0, 7.5, 12.5),
        (None, None, 0.0, 22.5, 37.5),  # nothing is to come
        (2.0, None, 0.0, 3, 3.25),
        (-5.0, None, 0.0, 1, 1.25),  # the hour has struck, and the draw is not out yet
        (18.0, None, 0.0, 19, 19.25),  # nothing changes before the opening
        (38.0, None, 0.0, 22.5, 37.5),
        (86_400.0, None, 0.0, 22.5, 37.5),
    ],
)
def test_slower_from_far_and_faster_from_near(begins_in, ahead, rate, soonest, latest):
    sight = Sight(begins_in, ahead, rate, FAR)
    assert look_again_seconds(sight, 0.0) == pytest.approx(soonest)
    assert look_again_seconds(sight, 0.999_999) == pytest.approx(latest, rel=1e-3)


@given(ahead=st.integers(0, 10**6), more=st.integers(0, 10**6), rate=st.floats(0, 1000), luck=LUCK)
def test_who_is_nearer_never_looks_less_often(ahead, more, rate, luck):
    near, far = (look_again_seconds(Sight(None, people, rate, FAR), luck) for people in (ahead, ahead + more))
    assert 1 <= near <= far <= 37.5


@given(
    ahead=st.integers(1, 20_000),
    rate=st.floats(0.5, 200),
    faster=st.floats(0.2, 2),
    luck=st.randoms(use_true_random=False),
)
def test_a_turn_is_noticed_in_time_even_if_people_are_called_twice_as_fast(ahead, rate, faster, luck):
    """The displayed rate is the one of the last seconds; the queue may move faster than that from now on."""
    turn, at = ahead / (rate * faster), 0.0
    while at < turn:
        left = ahead - rate * faster * at
        at += look_again_seconds(Sight(None, ceil(left), rate, FAR), luck.random())
    assert at - turn < 1.25 + 1 / rate


@pytest.mark.parametrize("people", [1, 300, 3_000, 10_000, 50_000])
def test_around_the_opening_not_everybody_looks_in_the_same_second(people):
    """Simulate a whole room from 45 seconds before the opening until everybody has looked after it."""
    luck = random.Random(people)
    looks = Counter[int]()
    for _ in range(people):
        at = -45 + 30 * luck.random()
        while at < 0:
            at += look_again_seconds(Sight(-at, None, 0.0, FAR, people), luck.random())
            looks[floor(at)] += 1
    second = max(LOOKS_PER_SECOND, people / LONGEST_SPREAD_SECONDS)
    assert max(looks.values()) <= max(1.2 * second, 20)
    assert max(looks) <= 1 + LONGEST_SPREAD_SECONDS
    assert people > 300 or max(looks) <= 1


@pytest.mark.parametrize("people", [1, 300, 10_000, 50_000])
def test_a_crowd_looks_so_often_that_an_edge_can_answer(people):
    """Count the looks of a whole room in three cases: nobody was called yet, people are called, the drop closes."""
    luck = random.Random(people)
    for rate in (0.0, 20.0):
        looks = sum(
            1 / look_again_seconds(Sight(None, ahead, rate, FAR, people), luck.random()) for ahead in range(people)
        )
        assert looks <= 1.6 * LOOKS_PER_SECOND
    closing = Sight(None, people, 1.0, 5.0, people)
    seen = Counter(floor(look_again_seconds(closing, luck.random())) for _ in range(people))
    assert max(seen.values()) <= 1.3 * people / max(min(people / LOOKS_PER_SECOND, LONGEST_SPREAD_SECONDS), 3) + 5


@given(ahead=st.integers(0, 1000), closes_in=st.floats(-100, 10_000), waiting=st.integers(0, 10**5), luck=LUCK)
def test_nobody_sleeps_through_the_closing(ahead, closes_in, waiting, luck):
    calm = look_again_seconds(Sight(None, ahead, 1.0, -FAR, waiting), luck)
    seconds = look_again_seconds(Sight(None, ahead, 1.0, closes_in, waiting), luck)
    assert seconds <= calm
    if closes_in > -OLDEST_SECONDS:
        assert seconds == calm or 2 < seconds - closes_in <= 2.5 + max(3, min(waiting / LOOKS_PER_SECOND, 30))
    else:
        assert seconds == calm
