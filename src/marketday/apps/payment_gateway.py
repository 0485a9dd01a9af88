"""Opens the payment gateway for every process. No other file chooses the class behind `payments/ports.py`."""

from marketday.payments.http import HttpGateway


def open_gateway(url: str, key: str, *, answer_seconds: float = 2.0) -> HttpGateway:
    """Return the gateway at `url` for the holder of `key`; no call takes longer than `answer_seconds`."""
    return HttpGateway(url, key, answer_seconds=answer_seconds)
