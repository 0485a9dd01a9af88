from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from marketday.capacity.cost.model import (
    Existed,
    Held,
    Price,
    PriceTable,
    Resource,
    bill,
    existed,
    planned,
)
from marketday.capacity.cost.usage import uses_of
from marketday.capacity.errors import InvalidForecast, MissingPrice, UnreadableRun
from marketday.testing.definitions import dawn_serum

NAT = Resource("event", "aws_nat_gateway.a", "aws_nat_gateway", {})
OTHER_NAT = replace(NAT, address="aws_nat_gateway.b")
KEY = Resource("permanent", "aws_kms_key.this", "aws_kms_key", {})
DMS = Resource(
    "link", "aws_dms_replication_instance.this", "aws_dms_replication_instance", {"replication_instance_class": "d"}
)
UNKNOWN = Resource("event", "aws_quantum_computer.this", "aws_quantum_computer", {})
TABLE = PriceTable(
    "r",
    date(2026, 1, 2),
    "s",
    {
        "nat.hour": Price(0.1, 1, "hour", checked=True),
        "nat.gb": Price(5, 10, "ten GB", checked=False),
        "kms.key": Price(1, 1, "month", checked=True),
        "dms.d": Price(2, 1, "hour", checked=True),
    },
)
NO_USE = {"nat_gb": 0.0}
MOMENT = datetime(2026, 12, 9, 13, tzinfo=UTC)


def test_a_drop_pays_its_hours_and_an_environment_that_stands_pays_the_year():
    done = bill([Held(NAT, 26)], TABLE, NO_USE)
    assert done.per_drop == pytest.approx(2.6)
    assert done.per_year == pytest.approx(12 * 2.6)
    assert done.always_on == pytest.approx(876.6)
    assert done.saving == pytest.approx(1 - 26 * 12 / 8766)
    assert done.saving_by_hour == pytest.approx(done.saving)


def test_what_is_used_costs_the_same_either_way():
    done = bill([Held(NAT, 26)], TABLE, {"nat_gb": 20.0})
    assert done.lines[0].by_use == pytest.approx(10)
    assert done.per_year - 12 * 2.6 == pytest.approx(120)
    assert done.always_on - 876.6 == pytest.approx(120)
    assert done.per_use == pytest.approx(120)
    assert done.saving < done.saving_by_hour


def test_what_is_used_together_is_shared():
    done = bill([Held(NAT, 1), Held(OTHER_NAT, 1)], TABLE, {"nat_gb": 20.0})
    assert [line.by_use for line in done.lines] == pytest.approx([5, 5])


def test_what_stays_is_paid_whether_there_is_a_drop_or_not():
    done = bill([Held(KEY, None)], TABLE, NO_USE, drops=4)
    assert (done.per_year, done.always_on, done.saving) == pytest.approx((12, 12, 0))
    assert done.per_drop == pytest.approx(3)  # a quarter of the year each
    assert done.permanent == pytest.approx(12)


def test_the_saving_without_the_link():
    done = bill([Held(NAT, 26), Held(DMS, 2)], TABLE, NO_USE)
    assert done.saving > done.saving_without_link == pytest.approx(1 - 26 * 12 / 8766)


def test_what_has_no_rule_is_listed_and_not_taken_for_free():
    done = bill([Held(NAT, 26), Held(UNKNOWN, 26)], TABLE, NO_USE)
    assert done.not_priced == (UNKNOWN,)
    assert [line.resource for line in done.lines] == [NAT]


def test_a_missing_price_names_the_resource_and_its_type():
    with pytest.raises(MissingPrice, match=r"aws_kms_key \(aws_kms_key\.this\) is charged by 'kms\.key'"):
        bill([Held(KEY, None)], replace(TABLE, prices={}), NO_USE)


def test_unchecked_prices_are_counted():
    done = bill([Held(NAT, 26)], TABLE, NO_USE)
    assert (done.unchecked, done.prices_used) == (("nat.gb",), 2)


def test_an_empty_bill_saves_nothing():
    done = bill([], TABLE, NO_USE)
    assert (done.per_year, done.saving, done.saving_by_hour, done.saving_without_link) == (0, 0, 0, 0)


def test_a_year_without_a_drop_is_refused():
    with pytest.raises(InvalidForecast, match="0 drops a year; expected 1 or more"):
        bill([], TABLE, NO_USE, drops=0)


def test_a_plan_is_held_for_the_hours_of_its_stack():
    assert planned([NAT, KEY], {"event": 26}) == [Held(NAT, 26), Held(KEY, None)]


def test_what_existed_is_held_for_as_long_as_it_did():
    records = [
        Existed(NAT, MOMENT, MOMENT + timedelta(hours=25, minutes=30)),
        Existed(DMS, MOMENT, MOMENT + timedelta(minutes=40)),
        Existed(DMS, MOMENT + timedelta(hours=3), MOMENT + timedelta(hours=3, minutes=20)),
        Existed(KEY, MOMENT, MOMENT + timedelta(hours=1)),
    ]
    assert existed(records) == [Held(NAT, 25.5), Held(DMS, pytest.approx(1)), Held(KEY, None)]


def test_nothing_ends_before_it_begins():
    with pytest.raises(UnreadableRun, match=r"aws_nat_gateway\.a existed from .* expected the end after the beginning"):
        existed([Existed(NAT, MOMENT, MOMENT - timedelta(seconds=1))])


def test_more_people_use_more():
    asked = dawn_serum().demand()
    few, many = uses_of(asked, 26, 2), uses_of(replace(asked, people=9000, looks=1e6, gate_requests=36_000), 26, 2)
    assert set(few) == set(many)
    assert all(amount >= 0 for amount in few.values())
    assert all(many[name] >= amount for name, amount in few.items())
    assert many["edge_gb"] > few["edge_gb"]
