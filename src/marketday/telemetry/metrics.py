"""The metrics that every service counts, in Prometheus' format."""

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUEST_SECONDS = Histogram(
    "marketday_request_seconds", "Time to answer a request.", ["service", "route", "status"], buckets=BUCKETS
)
IN_FLIGHT = Gauge("marketday_requests_in_flight", "Requests being answered now.", ["service"])
ORDERS = Counter("marketday_orders_total", "Orders confirmed.", ["drop"])
RESERVATIONS = Counter("marketday_reservations_total", "Answers to reservation requests.", ["drop", "outcome"])
STANDBYS = Counter("marketday_standbys_total", "Answers to requests to wait for a unit.", ["drop", "outcome"])
PAYMENTS = Counter("marketday_payments_total", "Payments by state.", ["drop", "state"])
STOCK = Gauge("marketday_stock_units", "Units of a drop: total, reserved, sold.", ["drop", "state"])


def exposition() -> tuple[bytes, str]:
    """Return this process's metrics and their content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
