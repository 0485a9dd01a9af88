"""Rates and latencies of a service between two scrapes (pure).

If a counter is lower than before, a restart has reset it. Then its new value counts as the increase, as in
Prometheus' `rate`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from prometheus_client.parser import text_string_to_metric_families

from marketday.kit.errors import Temporary

PREFIX = "marketday_"
REQUESTS = "marketday_request_seconds"
UNINTERESTING = frozenset({"/healthz", "/readyz", "/metrics", "/stream"})  # probes, and a stream that never ends
_LONGEST_SERIES = 1000  # characters; a limit, because `_series` keeps each in memory
_GREATEST = 1e15
_PROCESS = "process"  # the label with which the series of several processes are told apart

Labels = frozenset[tuple[str, str]]
Buckets = list[tuple[float, float]]  # upper bound in seconds, and the number of values up to it


class NotMetrics(Temporary):
    """This is not a metrics document."""

    slug = "not-metrics"


@dataclass(frozen=True, slots=True)
class Scrape:
    """The counts of a service at one moment; `at` is in seconds of a monotonic clock.

    If the service has several processes, the series of each have its name as a label, because each counts for itself.
    """

    at: float
    samples: Mapping[str, Mapping[Labels, float]]
    processes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Traffic:
    """How a service answered between two scrapes; a quantile is None if there were no answers."""

    requests_per_second: float
    failures_per_second: float
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None


def parse(text: str, at: float) -> Scrape:
    """Read a document in Prometheus' text format and return Marketday's own metrics.

    Raises:
        NotMetrics: a line is not a metric.

    """
    samples: dict[str, dict[Labels, float]] = defaultdict(dict)
    try:
        for line in filter(_is_sample, text.splitlines()):
            series, _, value = line.rpartition(" ")
            name, labels = _series(_short(series))
            if name.startswith(PREFIX):
                samples[name][labels] = _number(value)
    except ValueError as error:
        raise NotMetrics(f"{str(error)[:80]!r}; expected Prometheus' text format") from None
    return Scrape(at, samples)


def together(scrapes: Mapping[str, Scrape], at: float) -> Scrape:
    """Return the scrapes of a service's processes as one."""
    samples: dict[str, dict[Labels, float]] = defaultdict(dict)
    for process, one in scrapes.items():
        for name, series in one.samples.items():
            samples[name] |= {labels | {(_PROCESS, process)}: value for labels, value in series.items()}
    return Scrape(at, samples, frozenset(scrapes))


def _short(series: str) -> str:
    if len(series) > _LONGEST_SERIES:
        raise ValueError(f"{series[:40]}... has {len(series)} characters")
    return series


def _number(text: str) -> float:
    value = float(text)
    if not abs(value) <= _GREATEST:  # NaN, too
        raise ValueError(f"{text} is not a count")
    return value


def _is_sample(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


@lru_cache(maxsize=16_384)
def _series(text: str) -> tuple[str, Labels]:
    """Return the name and the labels of a series. The results are cached, because every scrape has the same series.

    Raises:
        ValueError: it is not a series, or it has a time after the value, which our services do not write.

    """
    (family,) = text_string_to_metric_families(f"{text} 0\n")
    (sample,) = family.samples
    if sample.timestamp is not None:
        raise ValueError(f"{text} has a time after the value")
    if sample.name.endswith("_bucket"):
        float(sample.labels.get("le", "missing"))
    return sample.name, frozenset(sample.labels.items())


def gauge(scrape: Scrape, name: str, **labels: str) -> float | None:
    """Return the sum of a gauge's series that have `labels`, None if there are none."""
    values = [value for key, value in scrape.samples.get(name, {}).items() if set(labels.items()) <= key]
    return sum(values) if values else None


def rate(before: Scrape, after: Scrape, name: str, **labels: str) -> float:
    """Return the increase of a counter per second, over all its series that have `labels`."""
    grown = sum(growth for key, growth in _growth(before, after, name).items() if set(labels.items()) <= key)
    return grown / _seconds(before, after)


def traffic(before: Scrape, after: Scrape) -> Traffic:
    """Return how a service answered between two scrapes, without probes."""
    counted = {key: grown for key, grown in _growth(before, after, f"{REQUESTS}_count").items() if _counts(key)}
    failed = sum(grown for key, grown in counted.items() if dict(key).get("status", "").startswith("5"))
    buckets = request_buckets(before, after)
    seconds = _seconds(before, after)
    return Traffic(
        requests_per_second=sum(counted.values()) / seconds,
        failures_per_second=failed / seconds,
        p50_seconds=quantile(0.50, buckets),
        p95_seconds=quantile(0.95, buckets),
        p99_seconds=quantile(0.99, buckets),
    )


def request_buckets(before: Scrape, after: Scrape) -> Buckets:
    """Return the cumulative histogram of the requests answered between two scrapes, in order."""
    sums: dict[float, float] = defaultdict(float)
    for key, grown in _growth(before, after, f"{REQUESTS}_bucket").items():
        if _counts(key):
            sums[float(dict(key)["le"])] += grown
    return sorted(sums.items())


def quantile(share: float, buckets: Buckets) -> float | None:
    """Return the value below which `share` of the observations are, interpolated inside its bucket.

    The estimate is the same as Prometheus' `histogram_quantile`: observations in the last, open bucket count as the
    largest finite bound. It is None if there are no observations.
    """
    if not buckets or buckets[-1][1] <= 0:
        return None
    wanted = share * buckets[-1][1]
    lower, below = 0.0, 0.0
    for upper, upto in buckets:
        if upto >= wanted and upto > below:
            return lower if upper == inf else lower + (upper - lower) * (wanted - below) / (upto - below)
        lower, below = (lower if upper == inf else upper), upto
    return lower


def _growth(before: Scrape, after: Scrape, name: str) -> dict[Labels, float]:
    earlier = before.samples.get(name, {})
    silent = {(_PROCESS, process) for process in after.processes - before.processes}  # their growth is not known
    grown = {}
    for key, value in after.samples.get(name, {}).items():
        if silent and not silent.isdisjoint(key):
            continue
        was = earlier.get(key, 0.0)
        grown[key] = value - was if value >= was else value
    return grown


def _counts(labels: Labels) -> bool:
    return dict(labels).get("route") not in UNINTERESTING


def _seconds(before: Scrape, after: Scrape) -> float:
    if after.at <= before.at:
        raise ValueError(f"scrapes at {before.at} and {after.at}; expected the second to be later")
    return after.at - before.at
