"""The payment gateway of every process: only this file decides which adapter of `payments/ports.py` is used."""

from marketday.payments.http import HttpGateway


def open_gateway(url: str, key: str, *, answer_seconds: float = 2.0) -> HttpGateway:
    """Return the gateway at `url` for the holder of `key`; no call takes longer than `answer_seconds`."""
    return HttpGateway(url, key, answer_seconds=answer_seconds)
