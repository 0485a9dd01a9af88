import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.crowd.errors import CrowdError
from marketday.crowd.polling import OLDEST_SECONDS, Draw, no_later_than_closing, parse_draw, poll_seconds, retry_seconds

LUCK = st.floats(0, 1, exclude_max=True)


@given(near=st.floats(0, 1e6), further=st.floats(0, 1e6), luck=LUCK)
def test_who_is_nearer_never_looks_less_often(near: float, further: float, luck: float) -> None:
    assert poll_seconds(near, luck) <= poll_seconds(near + further, luck)


@given(away=st.floats(-1e6, 1e6), luck=LUCK)
def test_polls_stay_between_bounds(away: float, luck: float) -> None:
    assert 0.75 <= poll_seconds(away, luck) <= 12.5


@given(attempt=st.integers(0, 30), after=st.floats(0, 10), luck=LUCK)
def test_a_busy_server_is_given_the_time_it_asks_for(attempt: int, after: float, luck: float) -> None:
    assert after <= retry_seconds(attempt, after, luck) <= 15


def test_retries_get_slower() -> None:
    assert [retry_seconds(attempt, None, 0.0) for attempt in range(6)] == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]


def test_the_draw_is_read_once_it_is_published() -> None:
    assert parse_draw(None, None) is None
    assert parse_draw("0a", 3) == Draw(b"\x0a", 3)
    with pytest.raises(CrowdError, match="hexadecimal"):
        parse_draw("zz", 3)


@given(wait=st.floats(0, 15), closes_in=st.floats(-100, 10_000), luck=st.floats(0, 1, exclude_max=True))
def test_nobody_sleeps_through_the_closing(wait, closes_in, luck):
    seconds = no_later_than_closing(wait, closes_in, luck)
    assert seconds <= wait
    if closes_in > -OLDEST_SECONDS:
        assert seconds == wait or 2 < seconds - closes_in <= 5.5
    else:
        assert seconds == wait
