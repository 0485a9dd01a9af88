"""What starts after what, and how long a dying process has to wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from marketday.provisioners.local.model import (
    LONGEST_RESTART_SECONDS,
    STEADY_SECONDS,
    CommandCheck,
    HttpCheck,
    Plane,
    PlaneFileInvalid,
    ProcessSpec,
    TcpCheck,
    deaths_in_a_row,
    restart_delay,
    start_order,
)


def process(name, *after, **more):
    return ProcessSpec(name=name, argv=(name,), folder="/", after=after, **more)


def test_each_stands_behind_what_it_comes_after():
    order = start_order([process("store", "postgres", "valkey"), process("valkey"), process("postgres")])
    assert order[-1].name == "store"
    assert {one.name for one in order} == {"store", "postgres", "valkey"}


@given(st.permutations(range(6)))
def test_any_order_in_the_file_will_do(numbers):
    processes = [process(str(number), *([str(number - 1)] if number else [])) for number in numbers]
    assert [one.name for one in start_order(processes)] == [str(number) for number in range(6)]


@pytest.mark.parametrize(
    ("processes", "message"),
    [
        ([process("a"), process("a")], "is there twice"),
        ([process("a", "b")], "'b', which is not one of"),
        ([process("a", "b"), process("b", "a")], "wait for each other"),
    ],
)
def test_contradictions_are_named(processes, message):
    with pytest.raises(PlaneFileInvalid, match=message):
        start_order(processes)


def test_pauses_grow_to_a_ceiling():
    pauses = [restart_delay(deaths) for deaths in range(100)]
    assert pauses == sorted(pauses)
    assert pauses[:2] == [0, 0]  # the first restart is at once
    assert 0 < pauses[2] < 1
    assert pauses[-1] == LONGEST_RESTART_SECONDS


def test_a_steady_life_is_forgotten():
    assert deaths_in_a_row(5, STEADY_SECONDS) == 1
    assert deaths_in_a_row(5, STEADY_SECONDS - 0.1) == 6


@pytest.mark.parametrize("check", [TcpCheck(port=1), HttpCheck(port=2, path="/x"), CommandCheck(argv=("true",)), None])
def test_a_plane_reads_what_it_wrote(check):
    plane = Plane(plane_id="p", processes=(process("a", ready=check, environment={"A": "b"}),))
    assert Plane.model_validate_json(plane.model_dump_json()) == plane
    assert plane.spec("a").ready == check
    with pytest.raises(KeyError):
        plane.spec("b")


@pytest.mark.parametrize("change", [{"argv": []}, {"stop_seconds": 0}, {"stop_signal": "SIGSTOP"}, {"colour": "red"}])
def test_a_description_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValidationError):
        ProcessSpec.model_validate({"name": "a", "argv": ["a"], "folder": "/", **change})
