from hypothesis import given
from hypothesis import strategies as st

from marketday.crowd.pauses import pause_seconds, retry_seconds

LUCK = st.floats(0, 1, exclude_max=True)


@given(luck=LUCK)
def test_a_pause_is_spread_by_a_quarter_to_either_side(luck: float) -> None:
    assert 3 <= pause_seconds(4, luck) <= 5


@given(attempt=st.integers(0, 30), after=st.floats(0, 10), luck=LUCK)
def test_a_busy_server_is_given_the_time_it_asks_for(attempt: int, after: float, luck: float) -> None:
    assert after <= retry_seconds(attempt, after, luck) <= 15


def test_retries_get_slower() -> None:
    assert [retry_seconds(attempt, None, 0.0) for attempt in range(6)] == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]
