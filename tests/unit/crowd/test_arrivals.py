import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.crowd.arrivals import ArrivalCurve, arrival_times, steady_times
from marketday.crowd.errors import InvalidCurve

CURVE = ArrivalCurve(room_opens=100.0, opens=140.0, until=180.0)


@given(people=st.integers(0, 300), seed=st.integers(0, 2**32))
def test_everybody_arrives_in_order_within_the_curve(people: int, seed: int) -> None:
    times = arrival_times(people, CURVE, seed)

    assert len(times) == people
    assert times == sorted(times)
    assert all(CURVE.room_opens <= moment <= CURVE.until for moment in times)


def test_a_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert arrival_times(50, CURVE, 7) == arrival_times(50, CURVE, 7)
    assert arrival_times(50, CURVE, 7) != arrival_times(50, CURVE, 8)


def test_most_come_before_opening_and_most_of_them_shortly_before() -> None:
    times = arrival_times(5000, CURVE, 1)
    before = [moment for moment in times if moment < CURVE.opens]
    last_quarter = [moment for moment in before if moment >= CURVE.opens - 10]

    assert 0.75 < len(before) / len(times) < 0.85
    assert len(last_quarter) > len(before) * 0.3


def test_a_steady_stream_has_its_rate() -> None:
    times = steady_times(10, 0, 500, 3)

    assert 4500 < len(times) < 5500
    assert times == sorted(times)
    assert steady_times(0, 0, 500, 3) == []


@pytest.mark.parametrize(("room", "opens", "until"), [(2.0, 1.0, 3.0), (0.0, 3.0, 3.0), (0.0, 3.0, 2.0)])
def test_a_curve_that_runs_backwards_is_refused(room: float, opens: float, until: float) -> None:
    with pytest.raises(InvalidCurve):
        ArrivalCurve(room, opens, until)


def test_a_negative_crowd_is_refused() -> None:
    with pytest.raises(InvalidCurve, match="-1 people"):
        arrival_times(-1, CURVE, 0)
    with pytest.raises(InvalidCurve, match="-2 people a second"):
        steady_times(-2, 0, 1, 0)
