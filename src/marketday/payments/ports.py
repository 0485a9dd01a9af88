"""What Marketday needs of a payment gateway, and the words in which the gateway answers."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, get_args
from uuid import UUID

NO_CURRENCY = "XXX"  # ISO 4217: no currency is involved, in a void of a payment that was never authorised
MALL_GROUP = "mall"  # the ledger's group of everything that is no drop
LONGEST_ANSWER_SECONDS = 30.0  # that a setting may give the gateway for one answer
# From then on whoever asked the gateway has heard or died, and others may bring the payment to its end.
SETTLE_AFTER_SECONDS = LONGEST_ANSWER_SECONDS + 15
Card = Literal["card_ok", "card_declined", "card_timeout", "card_late"]  # the built-in gateway's, good and bad
CARDS: tuple[Card, ...] = get_args(Card)


MOST_GOODS = 500  # characters


def goods_of(lines: Iterable[tuple[str, int]]) -> str:
    """Return how SKUs and quantities are told to the gateway: `DAWN-SERUM-30 x 2`. What is too long is cut."""
    return ", ".join(f"{sku} x {quantity}" for sku, quantity in lines)[:MOST_GOODS]


class GatewayState(StrEnum):
    """Where a payment stands in the gateway's own ledger."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A payment as the gateway knows it after the call that returned it."""

    reference: UUID
    state: GatewayState
    amount_minor: int
    currency: str
    reason: str = ""  # why it was declined

    @property
    def authorised(self) -> bool:
        """Whether the money is set aside or taken: an order may rest on it."""
        return self.state in {GatewayState.AUTHORISED, GatewayState.CAPTURED}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a payment is for, as the gateway keeps it beside the money: nobody can change it afterwards.

    `group` is the drop's slug, or `mall`; `customer` is the account that pays, `subject` the reservation or the order,
    and `goods` what is bought, as `goods_of` writes it.
    """

    group: str
    customer: UUID
    subject: UUID
    goods: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A payment in the gateway's own ledger: what somebody settles their books by.

    `holder` is whose key it came with. `purpose` is None for a reference that was voided before it was authorised.
    The two moments are the gateway's: of the first call, and of the last change.
    """

    payment: GatewayPayment
    holder: str
    purpose: Purpose | None
    created_at: datetime
    updated_at: datetime


class Gateway(Protocol):
    """A payment gateway. Every call can be repeated: the reference makes each of them idempotent.

    A call that the present state does not allow changes nothing and returns the payment as it stands, so
    that the caller compares `state` with what was wanted. Every call raises `OutcomeUnknown` where no
    answer came in time or none that can be understood, and then it may have been carried out or not.
    """

    async def authorise(
        self, reference: UUID, amount_minor: int, currency: str, method: str, purpose: Purpose
    ) -> GatewayPayment:
        """Set money aside.

        The answer is `authorised`, or `declined` with a reason, or `voided` where the reference was voided before.

        Raises:
            OutcomeUnknown: no answer; look it up later, or void it.
            GatewayRefused: the reference stands for another amount or purpose, or the method is unknown.

        """
        ...

    async def capture(self, reference: UUID) -> GatewayPayment:
        """Take the money that was set aside; `captured` when all went well.

        Raises:
            UnknownPayment: the gateway never heard of the reference.

        """
        ...

    async def void(self, reference: UUID) -> GatewayPayment:
        """Let go of the money that was set aside. An unknown reference is voided too: a late authorise is refused."""
        ...

    async def refund(self, reference: UUID) -> GatewayPayment:
        """Give back the money that was taken.

        Raises:
            UnknownPayment: the gateway never heard of the reference.

        """
        ...

    async def lookup(self, reference: UUID) -> GatewayPayment | None:
        """Return the payment as the gateway knows it, or None where it never heard of it."""
        ...


class GatewayKeys(Protocol):
    """The keys that a merchant's own key opens the gateway with for others, each for its holder's payments alone.

    Every call can be repeated, and raises `OutcomeUnknown` where no answer came.
    """

    async def issue(self, holder: str, key: str) -> None:
        """Let `holder` in with `key`; an earlier key of the same holder is over.

        With it nothing can be seen or moved but what was authorised or voided with a key of this holder.
        """
        ...

    async def revoke(self, holder: str) -> None:
        """Let `holder` in no more; a holder without a key stays without one."""
        ...

    async def is_known(self, holder: str) -> bool:
        """Say whether `holder` has a key."""
        ...


class GatewayLedger(Protocol):
    """The gateway's own books, which the merchant's key opens."""

    def ledger(self, *, holder: str | None = None, group: str | None = None) -> AsyncIterator[LedgerEntry]:
        """Return every payment that came with a key of `holder`, or for `group`, in the order of the references.

        Raises:
            GatewayTimeout: no answer in time.
            GatewayRefused: the gateway answered something that is no ledger.

        """
        ...
