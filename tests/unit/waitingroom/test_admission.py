from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.waitingroom.admission import (
    Limits,
    Load,
    Pace,
    StoreSpeed,
    first_pace,
    next_pace,
    next_serving_number,
    on_the_way,
)

LIMITS = Limits(admissions_per_second=20, inside=120)
CALM = Load(
    serving_number=100,
    entries=3000,
    inside=10,
    deciding=5,
    called_before_grace=90,
    came_within_grace=10,
    units_left=400,
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
        units_left=draw(st.integers(0, 1000)),
    )


FULL = Pace(LIMITS.admissions_per_second, credit=10)
PACES = st.builds(Pace, per_second=st.floats(0.001, 1000), credit=st.floats(0, 1000))
LIMITS_OF_ANY_DROP = st.builds(Limits, admissions_per_second=st.floats(0.01, 1000), inside=st.integers(1, 1000))


@given(load=loads(), limits=LIMITS_OF_ANY_DROP, pace=PACES)
def test_it_never_goes_back_and_never_past_the_last_entry(load: Load, limits: Limits, pace: Pace) -> None:
    assert load.serving_number <= next_serving_number(load, limits, pace) <= load.entries


@given(load=loads(), limits=LIMITS_OF_ANY_DROP, pace=PACES)
def test_the_store_never_gets_more_people_than_it_may_hold(load: Load, limits: Limits, pace: Pace) -> None:
    new = next_serving_number(load, limits, pace) - load.serving_number
    assert new == 0 or load.inside + on_the_way(load) + new <= limits.inside


@given(load=loads(), limits=LIMITS_OF_ANY_DROP, seconds=st.floats(0, 10_000))
def test_the_ceiling_holds_however_long_the_worker_was_away(load: Load, limits: Limits, seconds: float) -> None:
    pace = next_pace(Pace(limits.admissions_per_second), limits, StoreSpeed(), seconds)
    new = next_serving_number(load, limits, pace) - load.serving_number
    assert new <= max(limits.admissions_per_second * limits.longest_step_seconds, 1)


@given(load=loads(), limits=LIMITS_OF_ANY_DROP, pace=PACES)
def test_without_free_stock_nobody_is_called(load: Load, limits: Limits, pace: Pace) -> None:
    assert next_serving_number(replace(load, units_left=0), limits, pace) == load.serving_number


P95 = st.none() | st.floats(0, 60)


@given(load=loads(), limits=LIMITS_OF_ANY_DROP, pace=PACES, p95=st.floats(0, 60), slower=st.floats(1, 100))
def test_a_slower_store_never_gets_more(load: Load, limits: Limits, pace: Pace, p95: float, slower: float) -> None:
    less, more = (next_pace(pace, limits, StoreSpeed(p95 * times), 1.0) for times in (slower, 1.0))
    assert less.per_second <= more.per_second
    assert next_serving_number(load, limits, less) <= next_serving_number(load, limits, more)


@given(limits=LIMITS_OF_ANY_DROP, measured=st.lists(st.tuples(P95, st.floats(0, 1000), st.floats(0, 100)), max_size=30))
def test_the_pace_is_never_above_the_ceiling_and_never_nothing(
    limits: Limits, measured: list[tuple[float | None, float, float]]
) -> None:
    pace = first_pace(limits)
    for p95, served, seconds in measured:
        pace = next_pace(pace, limits, StoreSpeed(p95, served), seconds)
        assert 0.99 * limits.slowest_share <= pace.per_second / limits.admissions_per_second <= 1


@given(limits=LIMITS_OF_ANY_DROP)
def test_an_idle_store_with_stock_always_gets_somebody_in_the_end(limits: Limits) -> None:
    idle = replace(CALM, inside=0, deciding=0, called_before_grace=100, came_within_grace=0)
    assert (
        next_serving_number(idle, limits, next_pace(first_pace(limits), limits, StoreSpeed(60.0), 1e6))
        > idle.serving_number
    )


def test_as_many_are_called_as_the_pace_has_credit_for() -> None:
    assert next_serving_number(CALM, LIMITS, FULL) == 110


def test_a_full_store_calls_nobody() -> None:
    assert next_serving_number(replace(CALM, inside=120), LIMITS, FULL) == 100


def test_those_on_the_way_take_room_until_the_grace_is_over() -> None:
    called = replace(CALM, called_before_grace=0, came_within_grace=0)
    assert on_the_way(called) == 100
    assert next_serving_number(replace(called, inside=15), LIMITS, FULL) == 105
    absent = replace(called, called_before_grace=100)
    assert next_serving_number(replace(absent, inside=15), LIMITS, FULL) == 110


def test_the_last_units_call_few() -> None:
    assert next_serving_number(replace(CALM, units_left=2, deciding=0), LIMITS, FULL) == 103
    assert next_serving_number(replace(CALM, units_left=2, deciding=3), LIMITS, FULL) == 100


def test_parts_of_a_person_add_up() -> None:
    """At 10.5 people a second and four turns a second each turn is worth 2.6 people."""
    limits, load, pace = Limits(10.5, inside=10_000), replace(CALM, called_before_grace=100), Pace(10.5)
    for _ in range(40):
        pace = next_pace(pace, limits, StoreSpeed(), 0.25)
        wanted = next_serving_number(load, limits, pace)
        pace = replace(pace, credit=pace.credit - (wanted - load.serving_number))
        load = replace(load, serving_number=wanted, called_before_grace=wanted)
    assert load.serving_number == 100 + 105


def test_a_slow_store_halves_the_pace_at_most_and_once_until_the_cut_can_be_seen() -> None:
    pace = next_pace(Pace(20), LIMITS, StoreSpeed(0.625), 0.25)
    assert pace.per_second == pytest.approx(16)
    assert next_pace(pace, LIMITS, StoreSpeed(5.0), 3.75).per_second == pytest.approx(16)
    assert next_pace(pace, LIMITS, StoreSpeed(5.0), 4.0).per_second == pytest.approx(8)
    assert next_pace(pace, LIMITS, StoreSpeed(0.4), 4.0).per_second == pytest.approx(16)
    assert next_pace(Pace(20), LIMITS, StoreSpeed(60.0, per_second=30), 1.0).per_second == pytest.approx(15)
    assert next_pace(Pace(1), LIMITS, StoreSpeed(60.0), 1.0).per_second == pytest.approx(1)


def test_after_a_cut_the_pace_grows_slowly_and_not_far_above_what_the_store_serves() -> None:
    pace = Pace(10, careful=True)
    assert next_pace(pace, LIMITS, StoreSpeed(0.1, per_second=9), 1.0).per_second == pytest.approx(11)
    assert next_pace(pace, LIMITS, StoreSpeed(0.1, per_second=8), 1.0).per_second == pytest.approx(10.4)
    assert next_pace(pace, LIMITS, StoreSpeed(0.1, per_second=2), 1.0).per_second == pytest.approx(10)
    assert next_pace(pace, LIMITS, StoreSpeed(), 1.0).per_second == pytest.approx(11)  # nobody was there to be served


def test_a_drop_begins_at_half_of_its_ceiling_and_a_fast_store_gets_all_of_it_in_five_seconds() -> None:
    pace = first_pace(LIMITS)
    assert pace.per_second == pytest.approx(10)
    for _ in range(20):
        pace = next_pace(pace, LIMITS, StoreSpeed(0.02), 0.25)
    assert pace.per_second == pytest.approx(20)
