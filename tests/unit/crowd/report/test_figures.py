import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.crowd.report.charts import ChartLine, bar_chart, line_chart, ticks
from marketday.crowd.report.figures import (
    Failures,
    failures,
    figures,
    histogram,
    latency,
    per_second,
    quantile,
    running_total,
)

from .a_day import OPENS, answer, good_day, with_answers


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)])
def test_quantiles_are_nearest_rank(share: float, expected: float) -> None:
    assert quantile([float(value) for value in range(1, 101)], share) == expected
    assert quantile([], share) == 0.0


def test_latency_leaves_out_what_never_came_and_counts_it() -> None:
    answers = [answer("p", "now", 1, 200), answer("p", "now", 2, 503), answer("p", "now", 3, 0)]

    assert latency(answers).count == 3
    assert latency(answers).errors == 2
    assert latency(answers).p99_ms == 20.0


def test_failed_requests_are_named() -> None:
    answers = [
        answer("p1", "reserve", 2, 503, problem="overloaded"),
        answer("p2", "reserve", 1, 503, problem="overloaded"),
        answer("p3", "pay", -0.5, 0, problem="timeout"),
        answer("p4", "reserve", 1, 409, problem="sold-out"),
        answer("p5", "reserve", 1, 201),
    ]

    assert failures(answers, OPENS.timestamp()) == (
        Failures("store", "reserve", 503, "overloaded", 2, 1.0),
        Failures("store", "pay", 0, "timeout", 1, -0.5),
    )


def test_seconds_without_anybody_are_shown_as_zero() -> None:
    assert per_second([10.2, 10.9, 13.0], opens=10.0) == ((0.0, 2.0), (1.0, 0.0), (2.0, 0.0), (3.0, 1.0))
    assert per_second([], opens=0) == ()
    assert running_total([5.0, 3.0], opens=1.0) == ((2.0, 1.0), (4.0, 2.0))


@given(st.lists(st.floats(0, 1e4), max_size=60))
def test_a_histogram_counts_everybody_once(values: list[float]) -> None:
    classes = histogram(values)

    assert sum(count for *_, count in classes) == len(values)
    assert all(end > start for start, end, _ in classes)


@given(low=st.floats(-1e4, 1e4), span=st.floats(0, 1e6))
def test_ticks_span_the_data_in_equal_steps(low: float, span: float) -> None:
    marks = ticks(low, low + span)

    assert 2 <= len(marks) <= 8
    assert marks[0] <= low + 1e-6
    assert marks[-1] >= low + span - 1e-6 * max(1, abs(low + span))


def test_no_data_draws_no_chart() -> None:
    assert line_chart("x", [ChartLine("first", ())]) is None
    assert bar_chart("x", ()) is None
    assert "<svg" in str(line_chart("x", [ChartLine("first", ((1.0, 5.0),), filled=True, stepped=True)]))
    assert "&lt;x&gt;" in str(bar_chart("<x>", ((0.0, 1.0, 3),)))


def test_the_day_is_counted_out_of_answers() -> None:
    late = answer("p9", "join", 5, 201, service="gate", index=3)
    numbers = figures(with_answers(good_day(), late, answer("p9", "exchange", 8, 201, service="gate")))

    assert numbers.counts["joined"] == 4
    assert numbers.counts["admitted"] == 4
    assert numbers.counts["orders"] == 3
    assert numbers.waits == (1.0, 2.0, 3.0, 3.0)  # from the opening, or from joining after it
    assert {name: each.count for name, each in numbers.mall.items()} == {"before": 1, "during": 1, "after": 1}
    assert set(numbers.by_service) == {"now", "gate", "store", "mall"}
    assert numbers.stock_left == ((0.0, 8.0),)


def test_a_curve_of_very_many_moments_has_a_limited_number_of_points() -> None:
    for count in (0, 1, 999, 1_000, 1_001, 75_000):
        total = running_total(map(float, range(count)), opens=0.0)
        assert len(total) == count if count < 1_000 else len(total) <= 1_001
        assert total[-1:] == (((count - 1.0, float(count)),) if count else ())
        assert list(total) == sorted(total)
