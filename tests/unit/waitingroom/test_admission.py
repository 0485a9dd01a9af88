from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketday.waitingroom.admission import Limits, Load, next_serving_number, on_the_way, rate

LIMITS = Limits(admissions_per_second=20, inside=120)
CALM = Load(
    serving_number=100,
    entries=3000,
    inside=10,
    deciding=5,
    called_before_grace=90,
    came_within_grace=10,
    seconds_since_call=0.5,
    units_left=400,
    store_p95_seconds=0.05,
)


@st.composite
def loads(draw: st.DrawFn) -> Load:
    entries = draw(st.integers(0, 5000))
    serving = draw(st.integers(0, entries))
    before = draw(st.integers(0, serving))
    return Load(
        serving_number=serving,
        entries=entries,
        inside=draw(st.integers(0, 500)),
        deciding=draw(st.integers(0, 500)),
        called_before_grace=before,
        came_within_grace=draw(st.integers(0, serving - before)),
        seconds_since_call=draw(st.floats(0, 10_000)),
        units_left=draw(st.integers(0, 1000)),
        store_p95_seconds=draw(st.none() | st.floats(0, 60)),
    )


LIMITS_OF_ANY_DROP = st.builds(Limits, admissions_per_second=st.floats(0.01, 1000), inside=st.integers(1, 1000))


@given(load=loads(), limits=LIMITS_OF_ANY_DROP)
def test_it_never_goes_back_and_never_past_the_last_entry(load: Load, limits: Limits) -> None:
    assert load.serving_number <= next_serving_number(load, limits) <= load.entries


@given(load=loads(), limits=LIMITS_OF_ANY_DROP)
def test_the_store_never_gets_more_people_than_it_may_hold(load: Load, limits: Limits) -> None:
    new = next_serving_number(load, limits) - load.serving_number
    assert new == 0 or load.inside + on_the_way(load) + new <= limits.inside


@given(load=loads(), limits=LIMITS_OF_ANY_DROP)
def test_the_ceiling_holds_however_long_the_worker_was_away(load: Load, limits: Limits) -> None:
    new = next_serving_number(load, limits) - load.serving_number
    assert new <= max(limits.admissions_per_second * limits.longest_step_seconds, 1)


@given(load=loads(), limits=LIMITS_OF_ANY_DROP)
def test_without_free_stock_nobody_is_called(load: Load, limits: Limits) -> None:
    assert next_serving_number(replace(load, units_left=0), limits) == load.serving_number


@given(load=loads(), limits=LIMITS_OF_ANY_DROP, slower=st.floats(1, 100))
def test_a_slower_store_never_gets_more(load: Load, limits: Limits, slower: float) -> None:
    assume(load.store_p95_seconds is not None)
    worse = replace(load, store_p95_seconds=(load.store_p95_seconds or 0) * slower)
    assert next_serving_number(worse, limits) <= next_serving_number(load, limits)


@given(limits=LIMITS_OF_ANY_DROP)
def test_an_idle_store_with_stock_always_gets_somebody_in_the_end(limits: Limits) -> None:
    idle = replace(CALM, inside=0, deciding=0, called_before_grace=100, came_within_grace=0, store_p95_seconds=60.0)
    assert next_serving_number(replace(idle, seconds_since_call=1e6), limits) > idle.serving_number


def test_half_a_second_at_twenty_a_second_calls_ten() -> None:
    assert next_serving_number(CALM, LIMITS) == 110


def test_a_full_store_calls_nobody() -> None:
    assert next_serving_number(replace(CALM, inside=120), LIMITS) == 100


def test_those_on_the_way_take_room_until_the_grace_is_over() -> None:
    called = replace(CALM, called_before_grace=0, came_within_grace=0)
    assert on_the_way(called) == 100
    assert next_serving_number(replace(called, inside=15), LIMITS) == 105
    absent = replace(called, called_before_grace=100)
    assert next_serving_number(replace(absent, inside=15), LIMITS) == 110


def test_the_last_units_call_few() -> None:
    assert next_serving_number(replace(CALM, units_left=2, deciding=0), LIMITS) == 103
    assert next_serving_number(replace(CALM, units_left=2, deciding=3), LIMITS) == 100


@pytest.mark.parametrize(("p95", "expected"), [(None, 20), (0.5, 20), (1.0, 10), (5.0, 2), (500.0, 1)])
def test_slowness_shrinks_the_rate_to_a_trickle_never_to_nothing(p95: float | None, expected: float) -> None:
    assert rate(LIMITS, p95) == pytest.approx(expected)


def test_a_rate_below_one_a_step_saves_up() -> None:
    slow = Limits(admissions_per_second=0.5, inside=120)
    assert next_serving_number(replace(CALM, seconds_since_call=1.9), slow) == 100
    assert next_serving_number(replace(CALM, seconds_since_call=2.0), slow) == 101
