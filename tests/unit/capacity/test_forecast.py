import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.capacity.errors import InvalidForecast
from marketday.capacity.forecast.model import Demand, Forecast, Offer, demand, people_for
from marketday.drops.definition import DropDefinition, parse
from marketday.drops.mistakes import DefinitionErrors
from marketday.testing.definitions import DAWN_SERUM, dawn_serum

OFFER = Offer(units=400, admissions_per_second=20, room_seconds=1800, open_seconds=3600)


def forecast(people=3000, waiting_share=0.8, arrival_minutes=10, buying_share=0.5):
    return Forecast(people, waiting_share, arrival_minutes, buying_share)


def test_the_peak_is_where_most_come_at_once():
    asked = demand(forecast(), OFFER)
    ramp, fall = 2 * 2400 / 1800, 4 * 600 / 600
    assert asked.gate_per_second == pytest.approx(max(ramp, fall) * 3 + 20)
    assert asked.orders_per_second == 10
    assert asked.admitted == 800  # the stock is gone when half of 800 have bought one each
    assert asked.orders == 400


def test_nobody_sells_more_than_there_is_and_nobody_comes_in_twice():
    asked = demand(forecast(people=100), OFFER)
    assert (asked.admitted, asked.orders) == (100, 50)


def test_a_room_that_opens_with_the_drop_still_fills_over_a_minute():
    asked = demand(forecast(waiting_share=1), Offer(400, 20, 0, 3600))
    assert asked.gate_per_second == pytest.approx(2 * 3000 / 60 * 3 + 20)


@given(people=st.integers(1, 5_000_000), more=st.integers(0, 5_000_000), waiting=st.floats(0, 1))
def test_more_people_ask_for_no_less(people, more, waiting):
    few, many = (demand(forecast(number, waiting), OFFER) for number in (people, people + more))
    for name in Demand.__dataclass_fields__:
        assert getattr(many, name) >= getattr(few, name)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"people": -3}, "people = -3; expected 1 or more"),
        ({"people": 0}, "people = 0"),
        ({"waiting_share": 1.2}, "waiting_share = 1.2; expected 0 to 1"),
        ({"arrival_minutes": 0}, "arrival_minutes = 0; expected above 0"),
        ({"buying_share": 0}, "buying_share = 0"),
        ({"buying_share": float("nan")}, "buying_share = nan"),
    ],
)
def test_what_cannot_be_is_refused(wrong, told):
    with pytest.raises(InvalidForecast, match=told):
        forecast(**wrong)


def test_without_a_forecast_ten_come_for_each_unit():
    assert people_for(400) == 4000
    assert people_for(1) == 100
    assert dawn_serum().demand().people == 4000


def test_a_definition_can_say_who_is_expected():
    definition = parse(DAWN_SERUM + "[drop.forecast]\npeople = 90000\nbuying_share = 0.25\n")
    assert definition.demand().people == 90_000
    assert definition.demand().orders_per_second == 5
    assert DropDefinition.from_json(definition.to_json()) == definition


@pytest.mark.parametrize(
    ("line", "key", "told"),
    [
        ("people = -4", "people", "a whole number from 1 to 10000000"),
        ("people = 4.5", "people", "a whole number"),
        ("peple = 4", "peple", "did you mean 'people'?"),
        ("waiting_share = 80", "waiting_share", "a number from 0 to 1"),
        ("arrival_minutes = nan", "arrival_minutes", "a number from 0.01 to 1440"),
        ('buying_share = "half"', "buying_share", "a number from 0.0001 to 1"),
        ("buying_share = 5e-324", "buying_share", "a number from 0.0001 to 1"),
        ("arrival_minutes = 5e-324", "arrival_minutes", "a number from 0.01 to 1440"),
    ],
)
def test_a_forecast_that_cannot_be_is_a_mistake_of_its_key(line, key, told):
    with pytest.raises(DefinitionErrors) as raised:
        parse(f"{DAWN_SERUM}[drop.forecast]\n{line}\n")
    [mistake] = raised.value.mistakes
    assert mistake.key == f"drop.forecast.{key}"
    assert told in mistake.expected
