"""The built-in payment gateway: an outside party that plays every kind of card, good and bad."""

import asyncio
import hmac
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from marketday.kit.errors import Kind
from marketday.kit.money import LARGEST_MINOR, exponent
from marketday.payments.errors import PaymentError, UnknownPayment
from marketday.payments.ledger import LedgerLine, SqliteLedger
from marketday.payments.ports import MALL_GROUP, GatewayState

Card = Literal["card_ok", "card_declined", "card_timeout", "card_late"]
CARDS: tuple[Card, ...] = ("card_ok", "card_declined", "card_timeout", "card_late")


class InvalidGatewayKey(PaymentError):
    """This is not the gateway's key."""

    kind = Kind.UNAUTHENTICATED
    slug = "invalid-gateway-key"


class Authorisation(BaseModel):
    """What is to be set aside, and from which card."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount_minor: int = Field(ge=0, le=LARGEST_MINOR)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    method: Card
    drop: str = Field(default=MALL_GROUP, max_length=60)


def install_sandbox(app: FastAPI, ledger: SqliteLedger, *, key: str, late_seconds: float) -> None:
    """Add the gateway's routes to `app`.

    `card_late` is authorised at once and answered after `late_seconds`; `card_timeout` is answered with 504 after
    as long, and never recorded. Every route but the health checks wants `Authorization: Bearer <key>`.
    """

    def guard(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {key}".encode()):
            raise InvalidGatewayKey("expected Authorization: Bearer and the gateway's key")

    guarded = [Depends(guard)]

    @app.put("/payments/{reference}", dependencies=guarded)
    async def authorise(reference: UUID, body: Authorisation) -> Response:
        exponent(body.currency)  # refuses what is no currency
        known = await ledger.find(reference) is not None
        if body.method == "card_timeout" and not known:
            await asyncio.sleep(late_seconds)
            return Response(status_code=504)
        declined = "declined by the card's issuer" if body.method == "card_declined" else ""
        line = await ledger.authorise(
            reference, body.amount_minor, body.currency, body.method, body.drop, declined=declined
        )
        if body.method == "card_late" and not known:
            await asyncio.sleep(late_seconds)
        return JSONResponse(line.document(), 200 if known else 201)

    @app.get("/payments/{reference}", dependencies=guarded)
    async def find(reference: UUID) -> dict[str, Any]:
        return _known(reference, await ledger.find(reference)).document()

    @app.post("/payments/{reference}/{call}", dependencies=guarded)
    async def move(reference: UUID, call: Literal["capture", "void", "refund"]) -> Response:
        wanted = {"capture": GatewayState.CAPTURED, "void": GatewayState.VOIDED, "refund": GatewayState.REFUNDED}[call]
        line = _known(reference, await ledger.move(reference, wanted))
        return JSONResponse(line.document(), 200 if line.state == wanted else 409)

    @app.get("/ledger", dependencies=guarded)
    async def lines(group: str | None = None) -> list[dict[str, Any]]:
        return [line.document() for line in await ledger.lines(group)]


def _known(reference: UUID, line: LedgerLine | None) -> LedgerLine:
    if line is None:
        raise UnknownPayment(f"the gateway knows no payment {reference}")
    return line
