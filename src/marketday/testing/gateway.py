"""A payment gateway in memory, with the sandbox's cards and switches for outages."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from marketday.payments.cards import CARDS
from marketday.payments.errors import GatewayRefused, GatewayTimeout, UnknownPayment
from marketday.payments.ports import NO_CURRENCY, GatewayPayment, GatewayState, LedgerEntry, Purpose


@dataclass(frozen=True, slots=True)
class _Line:
    payment: GatewayPayment
    purpose: Purpose | None


class FakeGateway:
    """A `Gateway` with its `GatewayKeys` and its `GatewayLedger`, without a network.

    Every payment is made with the key of `holder`; if it is empty, with the merchant's own key.
    With `down = True` every call times out before it does anything. With `deaf = True` every call does its work and
    then times out, as `card_late` always does.
    """

    def __init__(self, holder: str = "") -> None:
        self.holder = holder
        self.down = False
        self.deaf = False
        self.moment = datetime.now(UTC)
        self.calls: list[tuple[str, UUID]] = []
        self._lines: dict[UUID, _Line] = {}
        self._keys: dict[str, str] = {}

    def payments(self, group: str | None = None) -> list[GatewayPayment]:
        """Return the ledger, all of it or one group's."""
        return [line.payment for line in self._lines.values() if group in (None, line.purpose and line.purpose.group)]

    async def authorise(
        self, reference: UUID, amount_minor: int, currency: str, method: str, purpose: Purpose
    ) -> GatewayPayment:
        """Reserve money; see `Gateway.authorise`."""
        self._hear("authorise", reference)
        if method not in CARDS:
            raise GatewayRefused(f"{method!r} is not a payment method")
        known = self._lines.get(reference)
        if known is None:
            if method == "card_timeout":
                raise GatewayTimeout(f"{reference}: no answer")
            self._lines[reference] = _Line(_fresh(reference, amount_minor, currency, method), purpose)
        elif known.payment.state is not GatewayState.VOIDED and (
            (known.payment.amount_minor, known.purpose) != (amount_minor, purpose)
        ):
            raise GatewayRefused(f"{reference} is a payment of {known.payment.amount_minor}, {known.purpose}")
        return self._answer(reference, late=method == "card_late" and known is None)

    async def capture(self, reference: UUID) -> GatewayPayment:
        """Take the reserved money; see `Gateway.capture`."""
        return self._move("capture", reference, GatewayState.AUTHORISED, GatewayState.CAPTURED)

    async def void(self, reference: UUID) -> GatewayPayment:
        """Release the reserved money; see `Gateway.void`."""
        if reference not in self._lines and not self.down:
            self._lines[reference] = _Line(GatewayPayment(reference, GatewayState.VOIDED, 0, NO_CURRENCY), None)
        return self._move("void", reference, GatewayState.AUTHORISED, GatewayState.VOIDED)

    async def refund(self, reference: UUID) -> GatewayPayment:
        """Pay the taken money back; see `Gateway.refund`."""
        return self._move("refund", reference, GatewayState.CAPTURED, GatewayState.REFUNDED)

    async def lookup(self, reference: UUID) -> GatewayPayment | None:
        """Return the payment at the gateway; see `Gateway.lookup`."""
        self._hear("lookup", reference)
        return self._answer(reference, late=False) if self.deaf or reference in self._lines else None

    async def ledger(self, *, holder: str | None = None, group: str | None = None) -> AsyncIterator[LedgerEntry]:
        """Read the books in the order of the references; see `GatewayLedger.ledger`."""
        for reference in sorted(self._lines) if holder in (None, self.holder) else ():
            line = self._lines[reference]
            if group in (None, line.purpose and line.purpose.group):
                yield LedgerEntry(line.payment, self.holder, line.purpose, self.moment, self.moment)

    async def issue(self, holder: str, key: str) -> None:
        """Register `key` for `holder`; see `GatewayKeys.issue`."""
        self._keys[holder] = key

    async def revoke(self, holder: str) -> None:
        """Revoke the key of `holder`; see `GatewayKeys.revoke`."""
        self._keys.pop(holder, None)

    async def is_known(self, holder: str) -> bool:
        """Return whether `holder` has a key; see `GatewayKeys.is_known`."""
        return holder in self._keys

    def key_of(self, holder: str) -> str | None:
        """Return the key that was issued to `holder`."""
        return self._keys.get(holder)

    def _hear(self, call: str, reference: UUID) -> None:
        self.calls.append((call, reference))
        if self.down:
            raise GatewayTimeout(f"{call} {reference}: no answer")

    def _answer(self, reference: UUID, *, late: bool) -> GatewayPayment:
        if late or self.deaf:
            raise GatewayTimeout(f"{reference}: no answer")
        return self._lines[reference].payment

    def _move(self, call: str, reference: UUID, source: GatewayState, wanted: GatewayState) -> GatewayPayment:
        self._hear(call, reference)
        line = self._lines.get(reference)
        if line is None:
            raise UnknownPayment(f"the gateway has no payment {reference}")
        if line.payment.state is source:
            self._lines[reference] = replace(line, payment=replace(line.payment, state=wanted))
        return self._answer(reference, late=False)


def _fresh(reference: UUID, amount_minor: int, currency: str, method: str) -> GatewayPayment:
    if method == "card_declined":
        return GatewayPayment(reference, GatewayState.DECLINED, amount_minor, currency, "declined by the card's issuer")
    return GatewayPayment(reference, GatewayState.AUTHORISED, amount_minor, currency)
