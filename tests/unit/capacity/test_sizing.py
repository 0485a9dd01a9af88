import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.apps.store import Settings
from marketday.capacity.errors import DropTooLarge
from marketday.capacity.forecast.model import Forecast, Offer, demand
from marketday.capacity.sizing.model import (
    CACHES,
    CONNECTIONS_PER_STORE,
    DATABASES,
    FARGATE_MEMORY,
    GATE_SECONDS,
    LEAST_RESERVED_LCUS,
    SAFETY,
    STORE_SECONDS,
    WRITES_PER_VCPU,
    Service,
    sizes_for,
    terraform_sizes,
)
from marketday.testing.definitions import dawn_serum

BENCHMARKS = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text("utf-8")
DATABASE_NAMES, CACHE_NAMES = ([one.name for one in ladder] for ladder in (DATABASES, CACHES))


def sizes(people=3000, admissions=20.0, units=400, waiting=0.8, minutes=10.0, buying=0.5):
    forecast = Forecast(people, waiting, minutes, buying)
    return sizes_for(demand(forecast, Offer(units, admissions, 1800, 3600)))


def steps(sized):
    """Everything that must not shrink, as numbers."""
    return [
        sized.gate.min * sized.gate.cpu,
        sized.gate.min,
        sized.gate.cpu,
        sized.store.min * sized.store.cpu,
        sized.store.max,
        sized.worker.cpu,
        DATABASE_NAMES.index(sized.database.instance_class),
        sized.database.storage_gb,
        CACHE_NAMES.index(sized.cache.node_type),
        sized.cache.replicas,
        sized.stream_shards,
        sized.load_balancer_units,
    ]


def test_the_smallest_drop_gets_the_smallest_set_in_two_zones():
    small = sizes(people=1, admissions=0.1, units=1)
    assert terraform_sizes(small) == {
        "gate": {"cpu": 512, "memory": 1024, "min": 2, "max": 4, "requests_per_target": 4285},
        "store": {"cpu": 512, "memory": 1024, "min": 2, "max": 4, "requests_per_target": 2112},
        "worker": {"cpu": 512, "memory": 1024, "min": 2, "max": 2},
        "database": {"instance_class": "db.t4g.medium", "storage_gb": 21},
        "cache": {"node_type": "cache.t4g.small", "replicas": 1},
        "stream_shards": 1,
        "load_balancer_units": 0,
    }


@given(
    people=st.integers(1, 500_000),
    more=st.integers(0, 500_000),
    admissions=st.floats(0.1, 300),
    waiting=st.floats(0, 1),
)
def test_more_people_never_make_it_smaller(people, more, admissions, waiting):
    few, many = (steps(sizes(number, admissions, waiting=waiting)) for number in (people, people + more))
    assert all(large >= small for small, large in zip(few, many, strict=True))


@given(admissions=st.floats(0.1, 150), faster=st.floats(0, 150))
def test_faster_admission_never_makes_it_smaller(admissions, faster):
    slow, fast = (steps(sizes(admissions=rate)) for rate in (admissions, admissions + faster))
    assert all(large >= small for small, large in zip(slow, fast, strict=True))


@given(people=st.integers(1, 3_000_000), admissions=st.floats(0.01, 300), units=st.integers(1, 1_000_000))
def test_fargate_knows_every_combination_and_each_service_stands_in_two_zones(people, admissions, units):
    sized = sizes(people, admissions, units)
    for task in (sized.gate, sized.store, sized.worker):
        assert task.memory in FARGATE_MEMORY[task.cpu]
        assert 2 <= task.min <= task.max


@given(people=st.integers(1, 3_000_000), admissions=st.floats(0.01, 300))
def test_the_fewest_tasks_carry_the_peak_with_room_to_spare(people, admissions):
    asked = demand(Forecast(people, 0.8, 10, 0.5), Offer(400, admissions, 1800, 3600))
    sized = sizes_for(asked)
    for service, rate, seconds in (
        (sized.gate, asked.gate_per_second, GATE_SECONDS),
        (sized.store, asked.store_per_second, STORE_SECONDS),
    ):
        assert service.min * service.cpu / 1024 >= rate * seconds * SAFETY * 0.999
        # and one that is asked for more than its share is helped before it is full
        assert service.requests_per_target / 60 * seconds <= service.cpu / 1024 / SAFETY
    database = next(one for one in DATABASES if one.name == sized.database.instance_class)
    assert database.connections >= sized.store.max * CONNECTIONS_PER_STORE


def test_a_drop_that_nothing_carries_is_refused_with_what_it_asks_for():
    with pytest.raises(DropTooLarge, match=r"requests a second of the store need .* expected at most 1,000"):
        sizes(admissions=50_000)
    with pytest.raises(DropTooLarge, match=r"GiB.* expected at most what cache\.r7g\.2xlarge has"):
        sizes(people=30_000_000, minutes=100_000)
    with pytest.raises(DropTooLarge, match=r"a database for"):
        sizes(admissions=3_000)


def test_a_large_drop_is_large():
    sized = sizes(people=1_000_000, admissions=200, units=100_000)
    assert sized.gate.min > 20
    assert sized.store.min > 15
    assert sized.database.instance_class == "db.m7g.large"
    assert sized.stream_shards > 5
    assert sized.load_balancer_units > 100


@given(people=st.integers(1, 1_000_000), admissions=st.floats(0.1, 200))
def test_the_load_balancer_has_no_reserve_or_as_much_as_aws_allows(people, admissions):
    sized = sizes(people=people, admissions=admissions)
    assert sized.load_balancer_units == 0 or sized.load_balancer_units >= LEAST_RESERVED_LCUS


def test_the_rules_stand_on_what_the_benchmarks_say():
    spans = re.search(r"the\s+gate ([\d.]+) / [\d.]+ / [\d.]+ ms, the store ([\d.]+) /", BENCHMARKS.replace("\n", " "))
    assert spans
    assert [float(median) for median in spans.groups()] == pytest.approx([GATE_SECONDS * 1000, STORE_SECONDS * 1000])
    reservations = re.search(r"the service, 64 people at once \| ([\d,]+)", BENCHMARKS)
    assert reservations
    assert int(reservations[1].replace(",", "")) == WRITES_PER_VCPU * 2
    assert Settings.model_fields["connections"].default == CONNECTIONS_PER_STORE


def test_a_drop_of_the_tests_fits():
    assert sizes_for(dawn_serum().demand()).store == Service(1024, 2048, 2, 4, 4225)
