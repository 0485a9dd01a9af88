"""Gives the money of one payment back, from each state. Who has to give money back does it with this."""

from uuid import UUID

from marketday.payments.errors import MoneyKept
from marketday.payments.ports import Gateway, GatewayPayment, GatewayState

HELD = frozenset({GatewayState.AUTHORISED, GatewayState.CAPTURED})  # with money of a shopper


async def give_back(gateway: Gateway, reference: UUID) -> GatewayPayment:
    """Release the money of a payment, or refund it; return the payment. Repeating it changes nothing.

    Raises:
        MoneyKept: the gateway says something else afterwards.
        OutcomeUnknown: no answer; repeat it.

    """
    found = await gateway.void(reference)
    if found.state is GatewayState.CAPTURED:
        found = await gateway.refund(reference)
    if found.state not in {GatewayState.VOIDED, GatewayState.REFUNDED}:
        raise MoneyKept(f"payment {reference} is {found.state} at the gateway; expected its money given back")
    return found
