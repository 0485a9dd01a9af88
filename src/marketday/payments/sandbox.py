"""The built-in payment gateway for tests and demos: it simulates an outside gateway with good and bad cards."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from marketday.kit.bearer import read_bearer
from marketday.kit.errors import Kind, Permanent
from marketday.kit.money import LARGEST_MINOR, exponent
from marketday.payments.cards import Card
from marketday.payments.errors import PaymentError, UnknownPayment
from marketday.payments.ports import MALL_GROUP, MOST_GOODS, GatewayState, Purpose

if TYPE_CHECKING:
    from marketday.payments.sqlite import LedgerLine, SqliteLedger

MERCHANT = ""  # the holder of the gateway's own key
MOST_LINES = 100_000  # lines of the ledger in one answer


class InvalidGatewayKey(PaymentError, Permanent):
    """This is not the gateway's key."""

    kind = Kind.UNAUTHENTICATED
    slug = "invalid-gateway-key"


class NotTheMerchant(PaymentError, Permanent):
    """Only the merchant's own key may do this."""

    kind = Kind.FORBIDDEN
    slug = "not-the-merchant"


class UnknownKey(PaymentError, Permanent):
    """This holder has no key."""

    kind = Kind.NOT_FOUND
    slug = "unknown-gateway-key"


class Authorisation(BaseModel):
    """The amount to reserve, from which card, and for what."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount_minor: int = Field(ge=0, le=LARGEST_MINOR)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    method: Card
    drop: str = Field(default=MALL_GROUP, max_length=60)
    customer: UUID = Field(strict=False)
    subject: UUID = Field(strict=False)
    goods: str = Field(max_length=MOST_GOODS)


class KeyHash(BaseModel):
    """The SHA-256 of a holder's key; only the holder knows the key itself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


HolderName = Annotated[str, Path(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9-]{0,79}$")]


def install_sandbox(app: FastAPI, ledger: "SqliteLedger", *, key: str, late_seconds: float) -> None:
    """Add the gateway's routes to `app`.

    `card_late` is authorised at once, but answered after `late_seconds`. `card_timeout` is answered with 504 after
    the same time, and never recorded. Every route except the health checks needs `Authorization: Bearer <key>`: the
    merchant's own `key`, or an issued key, which gives access only to its holder's payments.
    """

    def who_asks(authorization: Annotated[str, Header()] = "") -> str:
        shown = read_bearer(authorization) or ""
        if hmac.compare_digest(shown.encode(), key.encode()):
            return MERCHANT
        holder = ledger.holder_of(hashlib.sha256(shown.encode()).hexdigest())
        if holder is None:
            raise InvalidGatewayKey("expected Authorization: Bearer and the gateway's key")
        return holder

    _install_payments(app, ledger, who_asks, late_seconds)
    _install_keys(app, ledger, who_asks)


def _install_payments(app: FastAPI, ledger: "SqliteLedger", who_asks: Callable[..., str], late_seconds: float) -> None:
    Holder = Annotated[str, Depends(who_asks)]  # noqa: N806 - a type

    @app.put("/payments/{reference}")
    async def authorise(reference: UUID, body: Authorisation, holder: Holder) -> Response:
        exponent(body.currency)  # refuses an unknown currency
        known = await ledger.find(reference) is not None
        if body.method == "card_timeout" and not known:
            await asyncio.sleep(late_seconds)
            return Response(status_code=504)
        declined = "declined by the card's issuer" if body.method == "card_declined" else ""
        purpose = Purpose(body.drop, body.customer, body.subject, body.goods)
        line = await ledger.authorise(
            reference, body.amount_minor, body.currency, body.method, purpose, holder=holder, declined=declined
        )
        if body.method == "card_late" and not known:
            await asyncio.sleep(late_seconds)
        return JSONResponse(line.document(), 200 if known else 201)

    @app.get("/payments/{reference}")
    async def find(reference: UUID, holder: Holder) -> dict[str, Any]:
        return _known(reference, await ledger.find(reference, holder)).document()

    @app.post("/payments/{reference}/{call}")
    async def move(reference: UUID, call: Literal["capture", "void", "refund"], holder: Holder) -> Response:
        wanted = {"capture": GatewayState.CAPTURED, "void": GatewayState.VOIDED, "refund": GatewayState.REFUNDED}[call]
        line = _known(reference, await ledger.move(reference, wanted, holder))
        return JSONResponse(line.document(), 200 if line.state == wanted else 409)

    @app.get("/ledger")
    async def lines(
        asks: Holder,
        group: str | None = None,
        holder: str | None = None,
        after: str = "",
        most: Annotated[int, Query(ge=1, le=MOST_LINES)] = MOST_LINES,
    ) -> list[dict[str, Any]]:
        # A holder always gets only its own lines; the merchant may ask for one holder or for all.
        found = await ledger.lines(group, asks or holder or MERCHANT, after=after, most=most)
        return [line.document() for line in found]


def _install_keys(app: FastAPI, ledger: "SqliteLedger", who_asks: Callable[..., str]) -> None:
    def merchant_alone(holder: Annotated[str, Depends(who_asks)]) -> None:
        if holder != MERCHANT:
            raise NotTheMerchant(f"the key was issued to {holder}; expected the merchant's own key")

    guarded = [Depends(merchant_alone)]

    @app.put("/keys/{holder}", dependencies=guarded)
    async def issue(holder: HolderName, body: KeyHash) -> dict[str, str]:
        await ledger.issue(holder, body.key_sha256)
        return {"holder": holder}

    @app.get("/keys/{holder}", dependencies=guarded)
    async def look(holder: HolderName) -> dict[str, str]:
        if not ledger.knows(holder):
            raise UnknownKey(f"{holder} has no key")
        return {"holder": holder}

    @app.delete("/keys/{holder}", dependencies=guarded)
    async def revoke(holder: HolderName) -> dict[str, str]:
        await ledger.revoke(holder)
        return {"holder": holder}


def _known(reference: UUID, line: "LedgerLine | None") -> "LedgerLine":
    if line is None:
        raise UnknownPayment(f"the gateway has no payment {reference}")
    return line
