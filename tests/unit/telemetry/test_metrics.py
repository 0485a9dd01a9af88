from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from marketday.telemetry import metrics


def test_the_exposition_is_in_prometheus_own_format():
    metrics.ORDERS.labels("metrics-test").inc(3)
    body, content_type = metrics.exposition()
    assert content_type == CONTENT_TYPE_LATEST
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    orders = {
        sample.labels["drop"]: sample.value
        for sample in families["marketday_orders"].samples
        if sample.name.endswith("_total")
    }
    assert orders["metrics-test"] == 3


def test_every_metric_of_ours_carries_the_projects_name():
    ours = [each for each in vars(metrics).values() if hasattr(each, "_name") and hasattr(each, "collect")]
    assert ours
    assert all(each._name.startswith("marketday_") for each in ours)


def test_the_buckets_reach_from_a_millisecond_to_the_longest_patience():
    assert list(metrics.BUCKETS) == sorted(metrics.BUCKETS)
    assert metrics.BUCKETS[0] <= 0.001
    assert metrics.BUCKETS[-1] >= 10


def test_importing_the_metrics_registers_each_once():
    names = [family.name for family in REGISTRY.collect() if family.name.startswith("marketday_")]
    assert len(names) == len(set(names))
