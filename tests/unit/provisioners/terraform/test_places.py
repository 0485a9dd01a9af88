"""Places at the edge: one for each environment of a host, found alike by all that look in the same minute."""

from dataclasses import replace
from datetime import timedelta

import pytest

from marketday.environments.model import requested
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import HostTaken, InvalidFacts
from marketday.provisioners.terraform.places import PLACES, Neighbour, choose_place
from marketday.testing.definitions import dawn_serum

DROP = dawn_serum()
HOST = "drop.example.com"


def environment(days: float = 0, slug: str = "dawn-serum"):
    moved = {name: moment + timedelta(days=days) for name, moment in _moments(DROP.schedule()).items()}
    schedule = replace(DROP.schedule(), **moved)
    return requested(new_id(), DROP.model_copy(update={"slug": slug}), schedule)


def _moments(schedule):
    return {name: getattr(schedule, name) for name in schedule.to_json()}


def test_tomorrows_gets_another_place_than_todays():
    today, tomorrow = environment(), environment(1)
    assert choose_place(today, HOST, [Neighbour(tomorrow, None)]) == 0
    assert choose_place(tomorrow, HOST, [Neighbour(today, 0)]) == 1
    assert choose_place(tomorrow, HOST, [Neighbour(today, 3)]) == 0


def test_two_that_are_built_in_the_same_minute_find_different_places():
    day = _moments(DROP.schedule())
    long = day["closes_at"] - day["room_opens_at"]
    morning, evening = environment(), environment()
    evening = replace(
        evening,
        schedule=replace(
            evening.schedule,
            room_opens_at=day["room_opens_at"] + long,
            opens_at=day["opens_at"] + long,
            closes_at=day["closes_at"] + long,
            destroy_at=day["destroy_at"] + long,
        ),
    )
    found = [
        choose_place(one, HOST, [Neighbour(other, None)]) for one, other in ((morning, evening), (evening, morning))
    ]
    assert found == [0, 1]


def test_one_that_is_built_much_later_takes_no_place_yet():
    planned = [Neighbour(environment(30 * month), None) for month in range(1, 12)]
    assert choose_place(environment(), HOST, planned) == 0


def test_two_at_the_same_time_are_refused_and_the_one_that_was_asked_for_first_is_built():
    first = environment(slug="first")
    second = environment(0.01, slug="second")
    assert choose_place(first, HOST, [Neighbour(second, None)]) == 0
    for place in (None, 0):
        with pytest.raises(HostTaken, match=f"{HOST} serves drop 'first' of environment {first.id} from .* to "):
            choose_place(second, HOST, [Neighbour(first, place)])
    with pytest.raises(HostTaken, match="drop 'second'"):
        choose_place(first, HOST, [Neighbour(second, 0)])


def test_what_a_drop_that_stands_would_be_is_planned_beside_it():
    assert choose_place(environment(), HOST, [Neighbour(environment(), 0)]) == 1


def test_when_every_place_is_taken_it_says_so():
    standing = [Neighbour(environment(-number - 1), number) for number in range(PLACES)]
    with pytest.raises(InvalidFacts, match="its 4 places at the edge are taken"):
        choose_place(environment(), HOST, standing)
    assert choose_place(environment(), HOST, standing[1:]) == 0
