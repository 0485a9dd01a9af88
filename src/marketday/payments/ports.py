"""What Marketday needs from a payment gateway, and the gateway's answers."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

NO_CURRENCY = "XXX"  # ISO 4217: no currency is involved, in a void of a payment that was never authorised
MALL_GROUP = "mall"  # the ledger's group of payments that belong to no drop
LONGEST_ANSWER_SECONDS = 30.0  # the largest value of the setting for one answer
# After this time the process that called the gateway has its answer or has ended, and another may finish the payment.
SETTLE_AFTER_SECONDS = LONGEST_ANSWER_SECONDS + 15


MOST_GOODS = 500  # characters


def goods_of(lines: Iterable[tuple[str, int]]) -> str:
    """Return SKUs and quantities as a text for the gateway: `DAWN-SERUM-30 x 2`. A text that is too long is cut."""
    return ", ".join(f"{sku} x {quantity}" for sku, quantity in lines)[:MOST_GOODS]


class GatewayState(StrEnum):
    """The state of a payment in the gateway's own ledger."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A payment at the gateway, after the call that returned it."""

    reference: UUID
    state: GatewayState
    amount_minor: int
    currency: str
    reason: str = ""  # why it was declined

    @property
    def authorised(self) -> bool:
        """Whether the money is reserved or taken, so that an order is allowed."""
        return self.state in {GatewayState.AUTHORISED, GatewayState.CAPTURED}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a payment is for. The gateway records it with the payment, and nobody can change it later.

    `group` is the drop's slug, or `mall`; `customer` is the account that pays, `subject` the reservation or the order,
    and `goods` what is bought, as `goods_of` writes it.
    """

    group: str
    customer: UUID
    subject: UUID
    goods: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A payment in the gateway's own ledger, used to check our records.

    `holder` is the holder of the key that was used. `purpose` is None if the reference was voided before it was
    authorised. The two moments are of the first call and of the last change, by the gateway's clock.
    """

    payment: GatewayPayment
    holder: str
    purpose: Purpose | None
    created_at: datetime
    updated_at: datetime


class Gateway(Protocol):
    """A payment gateway. Every call can be repeated: the reference makes each of them idempotent.

    A call that the current state does not allow changes nothing and returns the payment unchanged, so the caller
    must check its `state`. Every call raises `OutcomeUnknown` if there was no answer in time, or none that can be
    understood; then the gateway may have done it or not.
    """

    async def authorise(
        self, reference: UUID, amount_minor: int, currency: str, method: str, purpose: Purpose
    ) -> GatewayPayment:
        """Reserve money.

        The answer is `authorised`, or `declined` with a reason, or `voided` if the reference was voided before.

        Raises:
            OutcomeUnknown: no answer; look it up later, or void it.
            GatewayRefused: the reference has another amount or purpose, or the method is unknown.

        """
        ...

    async def capture(self, reference: UUID) -> GatewayPayment:
        """Take the reserved money; the state is `captured` after success.

        Raises:
            UnknownPayment: the gateway does not know the reference.

        """
        ...

    async def void(self, reference: UUID) -> GatewayPayment:
        """Release the reserved money. An unknown reference is voided too, so that a late authorise is refused."""
        ...

    async def refund(self, reference: UUID) -> GatewayPayment:
        """Pay the taken money back.

        Raises:
            UnknownPayment: the gateway does not know the reference.

        """
        ...

    async def lookup(self, reference: UUID) -> GatewayPayment | None:
        """Return the payment at the gateway, or None if the gateway does not know it."""
        ...


class GatewayKeys(Protocol):
    """Keys that the merchant issues to others; each gives access only to its holder's payments.

    Every call can be repeated, and raises `OutcomeUnknown` if there was no answer.
    """

    async def issue(self, holder: str, key: str) -> None:
        """Register `key` for `holder`; it replaces an earlier key of the same holder.

        The key gives access only to payments that were authorised or voided with a key of this holder.
        """
        ...

    async def revoke(self, holder: str) -> None:
        """Revoke the key of `holder`; nothing happens if there is none."""
        ...

    async def is_known(self, holder: str) -> bool:
        """Return whether `holder` has a key."""
        ...


class GatewayLedger(Protocol):
    """The gateway's own ledger, which the merchant's key can read."""

    def ledger(self, *, holder: str | None = None, group: str | None = None) -> AsyncIterator[LedgerEntry]:
        """Return every payment made with a key of `holder`, or for `group`, ordered by reference.

        Raises:
            GatewayTimeout: there was no answer in time.
            GatewayRefused: the gateway's answer is not a ledger.

        """
        ...
