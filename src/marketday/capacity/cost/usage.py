"""The quantities that a drop uses, other than hours: requests, bytes, records. All are estimates with their source."""

from collections.abc import Mapping

from marketday.capacity.forecast.model import Demand

_GB = 10**9
LOOK_BYTES = 1_000  # the public document with its headers, as in the edge's measurement (docs/benchmarks.md)
PAGE_BYTES = 250_000  # page, style sheets and scripts, once for each person, because browsers cache them
PAGE_REQUESTS = 8
PICTURE_BYTES = 1_000_000  # pictures of the products, once for each admitted person
PICTURE_REQUESTS = 4
REMOVAL_HOURS = 0.5  # the stack still exists, and is paid, while it is removed after midnight; RDS takes 20 minutes
RECORD_BYTES = 5_000  # Firehose counts each record in steps of 5 KB, and our records are smaller
LOG_BYTES = 600  # a line for each request that reaches a service
IDLE_LOG_BYTES_PER_HOUR = 20_000_000  # flow logs, and services without visitors
IMAGE_BYTES = 250_000_000  # an image, for each task that starts
STARTED_TASKS = 20
PAYMENT_BYTES = 40_000  # the calls of the payment gateway for one order, including TLS handshakes
ROW_BYTES = 8_000  # an order with its lines, its payment and its entry, as the link copies it
NEW_CONNECTIONS_PER_LCU = 25  # a second; the limit that many short requests reach first
BUILD_HOURS = 0.75  # hours of the build host for one apply or destroy
LINK_BUILD_HOURS = 0.5
CHECKS_PER_HOUR = 60  # the lifecycle's function runs every minute
FUNCTION_SECONDS = 2


def uses_of(demand: Demand, event_hours: float, links: float) -> Mapping[str, float]:
    """Return the quantities for charges by use, for one drop with `event_hours`, with `links` links in it."""
    origin_requests = demand.gate_requests + demand.store_requests
    function_calls = event_hours * CHECKS_PER_HOUR
    logged = origin_requests * LOG_BYTES + event_hours * IDLE_LOG_BYTES_PER_HOUR
    edge_bytes = demand.looks * LOOK_BYTES + demand.people * PAGE_BYTES + demand.admitted * PICTURE_BYTES
    archived_gb = origin_requests * RECORD_BYTES / _GB
    return {
        "edge_requests": demand.looks
        + demand.people * PAGE_REQUESTS
        + demand.admitted * PICTURE_REQUESTS
        + origin_requests,
        "edge_gb": edge_bytes / _GB,
        "origin_requests": origin_requests,
        "lcu_hours": origin_requests / NEW_CONNECTIONS_PER_LCU / 3600,
        "reserve_hours": event_hours,
        "nat_gb": demand.orders * PAYMENT_BYTES / _GB,
        "endpoint_gb": (STARTED_TASKS * IMAGE_BYTES + logged) / _GB,
        "log_gb": logged / _GB,
        "records": origin_requests,
        "archived_gb": archived_gb,
        "stored_gb_months": archived_gb,
        "stored_objects": event_hours * CHECKS_PER_HOUR,
        "scanned_tb": archived_gb / 1000,
        "copied_gb": demand.orders * ROW_BYTES * links / _GB,
        "dns_queries": demand.people * 2,
        "build_hours": 2 * (BUILD_HOURS + links * LINK_BUILD_HOURS),
        "function_calls": function_calls,
        "function_seconds": function_calls * FUNCTION_SECONDS,
        "run_writes": function_calls * 2,
        "messages": 100,
    }
