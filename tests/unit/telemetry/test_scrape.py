from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from marketday.telemetry.scrape import (
    NotMetrics,
    Scrape,
    gauge,
    parse,
    quantile,
    rate,
    request_buckets,
    together,
    traffic,
)

BOUNDS = (0.01, 0.1, 1.0)


class Service:
    """A service's metrics as it would expose them."""

    def __init__(self):
        self.registry = CollectorRegistry()
        labels = ["service", "route", "status"]
        self.seconds = Histogram("marketday_request_seconds", "t", labels, buckets=BOUNDS, registry=self.registry)
        self.orders = Counter("marketday_orders_total", "t", ["drop"], registry=self.registry)
        self.stock = Gauge("marketday_stock_units", "t", ["drop", "state"], registry=self.registry)
        self.foreign = Counter("python_gc_total", "t", registry=self.registry)

    def answer(self, seconds, *, times=1, route="/v1/drops/{drop}/now", status="200"):
        for _ in range(times):
            self.seconds.labels("gate", route, status).observe(seconds)

    def scrape(self, at) -> Scrape:
        return parse(generate_latest(self.registry).decode(), at)


@pytest.fixture
def service():
    return Service()


def test_only_our_own_metrics_are_kept(service):
    service.foreign.inc()
    assert all(name.startswith("marketday_") for name in service.scrape(0).samples)


def test_a_document_that_is_no_metrics_is_refused_with_what_stood_there():
    with pytest.raises(NotMetrics):
        parse("marketday_x <html>", 0)


def test_a_rate_is_the_growth_in_a_second_of_the_series_asked_for(service):
    service.orders.labels("dawn").inc(7)
    before = service.scrape(10)
    service.orders.labels("dawn").inc(30)
    service.orders.labels("dusk").inc(5)
    after = service.scrape(15)
    assert rate(before, after, "marketday_orders_total", drop="dawn") == 6.0
    assert rate(before, after, "marketday_orders_total") == 7.0
    assert rate(before, after, "marketday_nothing_total") == 0.0


def test_a_counter_that_was_reset_by_a_restart_counts_from_nothing(service):
    service.orders.labels("dawn").inc(100)
    before = service.scrape(0)
    reborn = Service()
    reborn.orders.labels("dawn").inc(4)
    assert rate(before, reborn.scrape(2), "marketday_orders_total") == 2.0


def both(at, **processes):
    return together({name: service.scrape(at) for name, service in processes.items()}, at)


def test_processes_of_a_service_count_together(service):
    other = Service()
    before = both(0, one=service, other=other)
    for each in (service, other):
        each.orders.labels("dawn").inc(6)
        each.stock.labels("dawn", "sold").set(5)
        each.answer(0.005, times=4)
    other.answer(0.5, times=2, status="503")
    after = both(2, one=service, other=other)
    assert rate(before, after, "marketday_orders_total", drop="dawn") == 6.0
    assert gauge(after, "marketday_stock_units", state="sold") == 10
    found = traffic(before, after)
    assert (found.requests_per_second, found.failures_per_second) == (5.0, 1.0)


def test_one_process_that_restarts_is_counted_and_its_growth_while_it_was_silent_is_not(service):
    other, reborn = Service(), Service()
    service.orders.labels("dawn").inc(1000)
    other.orders.labels("dawn").inc(1000)
    before = both(0, one=service, other=other)
    reborn.orders.labels("dawn").inc(4)
    other.orders.labels("dawn").inc(2)
    assert rate(before, both(2, one=reborn, other=other), "marketday_orders_total") == 3.0
    silent = both(0, other=other)
    other.orders.labels("dawn").inc(2)
    assert rate(silent, both(2, one=service, other=other), "marketday_orders_total") == 1.0


def test_traffic_counts_answers_and_failures_but_no_probes(service):
    before = service.scrape(0)
    service.answer(0.005, times=8)
    service.answer(0.5, times=2, status="503")
    service.answer(0.5, times=50, route="/metrics")
    service.answer(0.5, times=50, route="/stream")
    now = traffic(before, service.scrape(5))
    assert now.requests_per_second == 2.0
    assert now.failures_per_second == pytest.approx(0.4)
    assert now.p50_seconds <= 0.01
    assert 0.1 < now.p99_seconds <= 1.0


def test_where_nothing_was_answered_there_is_no_quantile(service):
    service.answer(0.5)
    quiet = traffic(service.scrape(0), service.scrape(5))
    assert (quiet.requests_per_second, quiet.p50_seconds, quiet.p99_seconds) == (0.0, None, None)


def test_buckets_of_different_routes_and_statuses_are_one_histogram(service):
    before = service.scrape(0)
    service.answer(0.005)
    service.answer(0.05, route="/drops/{drop}/room", status="404")
    service.answer(5.0)
    assert request_buckets(before, service.scrape(1)) == [(0.01, 1), (0.1, 2), (1.0, 2), (inf, 3)]


def test_a_quantile_is_interpolated_inside_its_bucket():
    buckets = [(0.1, 0.0), (0.2, 10.0), (inf, 10.0)]
    assert quantile(0.5, buckets) == pytest.approx(0.15)
    assert quantile(1.0, buckets) == pytest.approx(0.2)


def test_what_fell_into_the_open_bucket_counts_as_the_greatest_bound():
    assert quantile(0.99, [(0.1, 0.0), (1.0, 0.0), (inf, 4.0)]) == 1.0


@given(
    st.lists(st.floats(0.0001, 20), min_size=1, max_size=60),
    st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted),
)
def test_a_greater_share_never_has_a_smaller_quantile(values, shares):
    service = Service()
    before = service.scrape(0)
    for value in values:
        service.answer(value)
    buckets = request_buckets(before, service.scrape(1))
    low, high = (quantile(share, buckets) for share in shares)
    assert low <= high <= BOUNDS[-1]


def test_a_gauge_is_the_sum_of_its_series_and_none_where_there_is_none(service):
    service.stock.labels("dawn", "sold").set(3)
    service.stock.labels("dusk", "sold").set(4)
    scrape = service.scrape(0)
    assert gauge(scrape, "marketday_stock_units", state="sold") == 7.0
    assert gauge(scrape, "marketday_stock_units", drop="dawn", state="sold") == 3.0
    assert gauge(scrape, "marketday_stock_units", drop="noon") is None


def test_scrapes_in_the_wrong_order_are_refused(service):
    with pytest.raises(ValueError, match="expected the second to be later"):
        traffic(service.scrape(5), service.scrape(5))
