"""Requests for reservations: checks of their values, and the errors for refused ones. `sql/drop` decides. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from marketday.catalog.names import LONGEST_SKU, Unusable, sku_of
from marketday.drops.errors import (
    AllReserved,
    DropClosed,
    InvalidQuantity,
    NotOpen,
    OverLimit,
    SoldOut,
    UnknownDrop,
    UnknownItem,
)
from marketday.drops.model import Reservation
from marketday.kit.errors import MarketdayError
from marketday.kit.idempotency import IdempotencyConflict, InvalidIdempotencyKey, MissingIdempotencyKey

LARGEST_QUANTITY = 2**31 - 1  # the largest integer of the database; the limit per person is checked later
LONGEST_KEY = 255
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 40
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_SHOWN = 80
_sku_of = lru_cache(maxsize=1024)(sku_of)  # many people ask for the same few items; what is refused is not kept


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    """One person's checked request; `reservation_id` is the id that the reservation gets if there will be one."""

    reservation_id: UUID
    drop: str
    sku: str
    person_id: UUID
    quantity: int
    key: str

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of drop, sku and quantity: a key belongs to these."""
        return _reservation_fingerprint(self.drop, self.sku, self.quantity)


@dataclass(frozen=True, slots=True)
class ReservationAnswer:
    """The result of a request: an outcome's name, and a reservation if there is one (see `sql/drop`)."""

    outcome: str
    reservation: Reservation | None
    limit_per_person: int | None = None
    taken: int | None = None
    left: int | None = None


def fingerprint(*parts: str) -> bytes:
    """Return the SHA-256 by which requests with the same key are compared."""
    return sha256("\x00".join(parts).encode()).digest()


@lru_cache(maxsize=1024)
def _reservation_fingerprint(drop: str, sku: str, quantity: int) -> bytes:
    return fingerprint(drop, sku, str(quantity))


def check_drop(slug: str) -> str:
    """Return `slug` if it can be a drop's.

    Raises:
        UnknownDrop: no drop can have this slug.

    """
    if len(slug) > _LONGEST_SLUG or not _SLUG.fullmatch(slug):
        raise UnknownDrop(f"{slug[:_SHOWN]!r}; expected a drop's slug such as dawn-serum")
    return slug


def check_sku(sku: Any) -> str:
    """Return `sku` in the form in which items have it.

    Raises:
        UnknownItem: no item can have this SKU.

    """
    if not isinstance(sku, str):
        raise UnknownItem(f"sku is {_shown(sku)}; expected the SKU of an item of this drop")
    try:
        return (_sku_of if len(sku) <= LONGEST_SKU else sku_of)(sku)
    except Unusable:
        raise UnknownItem(f"sku is {_shown(sku)}; expected the SKU of an item of this drop") from None


def check_quantity(quantity: Any) -> int:
    """Return `quantity` if it is a whole number of at least 1.

    Raises:
        InvalidQuantity: it is something else: a string, a fraction, a boolean, 0 or less.

    """
    if type(quantity) is not int or not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidQuantity(f"quantity is {_shown(quantity)}; expected a whole number, 1 or more")
    return quantity


def check_key(key: str | None) -> str:
    """Return `key` if it can be an idempotency key: 1 to 255 visible ASCII characters.

    Raises:
        MissingIdempotencyKey: there is none.
        InvalidIdempotencyKey: it is too long or has other characters.

    """
    if not key:
        raise MissingIdempotencyKey("expected the header Idempotency-Key, such as a UUID made for this request")
    if not _KEY.fullmatch(key):
        raise InvalidIdempotencyKey(f"{_shown(key)}; expected 1 to {LONGEST_KEY} visible ASCII characters")
    return key


def granted(request: ReservationRequest, answer: ReservationAnswer) -> Reservation:
    """Return the reservation that `answer` grants.

    Raises:
        MarketdayError: the reason why there is no reservation.

    """
    if answer.reservation is not None and answer.outcome in ("reserved", "replayed"):
        return answer.reservation
    raise _refusal(request, answer)


def _refusal(request: ReservationRequest, answer: ReservationAnswer) -> MarketdayError:
    wanted, limit, taken = request.quantity, answer.limit_per_person, answer.taken
    refusals: dict[str, MarketdayError] = {
        "conflict": IdempotencyConflict(f"key {request.key[:_SHOWN]!r} belongs to another reservation"),
        "unknown_drop": UnknownDrop(f"{request.drop!r} is not sold here"),
        "unknown_item": UnknownItem(f"{request.drop!r} has no item {request.sku!r}"),
        "not_open": NotOpen(f"{request.drop!r} is not open yet"),
        "drop_closed": DropClosed(f"{request.drop!r} is closed"),
        "over_limit": OverLimit(f"{wanted} wanted, {taken} taken; expected at most {limit}", limit=limit, taken=taken),
        "all_reserved": AllReserved(f"{wanted} wanted, {answer.left} left now", left=answer.left),
        "sold_out": SoldOut(f"{request.sku!r} is sold out"),
    }
    return refusals[answer.outcome]


def _shown(value: Any) -> str:
    return repr(value)[:_SHOWN]
