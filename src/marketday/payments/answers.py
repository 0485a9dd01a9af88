"""Reads a payment gateway's answer, valid or not, and returns what it means. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import inf
from typing import Any
from uuid import UUID

from marketday.payments.errors import GatewayRefused, GatewayUnclear
from marketday.payments.ports import GatewayPayment, GatewayState

LARGEST_BODY = 64 * 1024  # bytes
_JSON = ("application/json", "application/problem+json")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Later:
    """There was no usable answer. Retry, but not before `pause_seconds` have passed."""

    why: str
    pause_seconds: float = 0.0
    may_be_done: bool = True  # whether the gateway may have done the request anyway


def read(status: int, content_type: str, body: bytes, largest: int = LARGEST_BODY) -> Any:
    """Return the answer, None if the gateway does not know the payment, or Later.

    Raises:
        GatewayRefused: the gateway refuses the request.
        GatewayUnclear: the answer cannot be understood, and a retry would not change it.

    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Later("429, too many requests", may_be_done=False)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Later(f"status {status}")
    if status >= HTTPStatus.MULTIPLE_CHOICES and status < HTTPStatus.BAD_REQUEST:
        raise GatewayUnclear(f"status {status}, a redirect; expected the gateway itself: check its address")
    if len(body) > largest:
        raise GatewayUnclear(f"a body of more than {largest} bytes; expected a payment")
    if content_type not in _JSON:
        return Later(f"status {status} with {content_type[:_SHOWN] or 'no content type'}, expected {_JSON[0]}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return Later(f"status {status} with a body that is not JSON")
    if status == HTTPStatus.NOT_FOUND:
        return None
    if status >= HTTPStatus.BAD_REQUEST and not (isinstance(found, dict) and "state" in found):
        raise GatewayRefused(str(found.get("detail", "") if isinstance(found, dict) else "")[:_SHOWN])
    return found


def pause(retry_after: str, now: datetime) -> float:
    """Return the seconds to wait at `now` (aware) according to a Retry-After header; 0 without a valid one."""
    try:
        return max(0.0, float(int(retry_after)))
    except OverflowError:
        return inf
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return 0.0


def payment(found: Any, reference: UUID) -> GatewayPayment:
    """Return the payment in an answer.

    Raises:
        GatewayUnclear: there is no payment in it, another payment, or a value that the gateway does not have.

    """
    try:
        state = GatewayState(found["state"])
        told = UUID(found["reference"])
        amount, currency, reason = found["amount_minor"], found["currency"], found["reason"]
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise GatewayUnclear(f"{_shown(found)}: {type(error).__name__} {error}; expected a payment") from None
    if type(amount) is not int or amount < 0 or not isinstance(currency, str) or not isinstance(reason, str):
        raise GatewayUnclear(f"{_shown(found)}; expected an amount in minor units, a currency and a reason")
    if told != reference:
        raise GatewayUnclear(f"an answer about {told}; expected one about {reference}")
    return GatewayPayment(told, state, amount, currency, reason)


def _shown(value: Any) -> str:
    return repr(value)[:_SHOWN]
