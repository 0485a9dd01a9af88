import pytest

from marketday.gameday.seconds import Second, by_second, during, kind_of, outage

from .a_game import ZERO, a_course, answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, "good"), (202, "good"), (302, "good"), (402, "refused"), (429, "refused"), (503, "failed"), (0, "none")],
)
def test_an_answer_is_one_of_four_kinds(status: int, kind: str):
    assert kind_of(answer(0, status=status)) == kind


def test_answers_are_counted_in_the_second_in_which_they_arrived():
    answers = [answer(-0.5), answer(0.99), answer(2.5, status=503)]
    assert by_second(answers, ZERO) == [
        Second(-1, 1, 0, 0, 0),
        Second(0, 0, 0, 0, 0),
        Second(1, 1, 0, 0, 0),
        Second(2, 0, 0, 1, 0),
    ]
    assert by_second([], ZERO) == []


def test_only_the_seconds_of_the_fault_count_for_it():
    seconds = [Second(at, 1, 0, 2, 0) for at in range(-5, 10)]
    assert during(seconds, 0, 4) == {"good": 4, "refused": 0, "failed": 8, "none": 0}


@pytest.mark.parametrize(
    ("good", "rto"),
    [
        ([1, 2, 3, 4, 5, 14, 15], 9.0),  # nothing from the beginning on
        ([1, 2, 3, 4, 5, 6, 7, 14, 15], 9.0),  # the half that was left answered for two seconds more
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1.0),  # nobody noticed
        ([1, 2, 3, 4, 5], None),  # it did not come back
        ([1, 2, 3, 4, 5, 6, 7], None),  # nor after what was still sold while it was kept broken
        ([*range(1, 17), 30], 1.0),  # long after the fault a pause is of the ordinary day
    ],
)
def test_it_is_back_at_the_end_of_the_last_notable_pause(good: list[float], rto: float | None):
    assert outage(good, begins=5.001, ends=10).rto == (None if rto is None else pytest.approx(rto, abs=0.01))


def test_a_pause_is_notable_only_beside_the_pauses_before():
    assert not outage([0, 5, 10, 15, 20, 25], begins=11, ends=20).notable
    assert outage([0, 1, 2, 10, 15, 20], begins=9, ends=20).notable


def test_without_pauses_before_the_fault_the_first_good_answer_counts():
    away = outage([8, 9, 30, 60], begins=5, ends=50)
    assert (away.rto, away.notable) == (3, False)


def test_the_course_of_a_recorded_day_has_its_outage():
    course = a_course()
    assert course.fault is not None
    assert course.fault.ends - course.fault.begins == 10
