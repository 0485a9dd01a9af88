"""The built-in payment gateway for tests and demos: it simulates an outside gateway with good and bad cards.

What every purchase calls, authorising and capturing, is answered before the framework (`web/hot.py`).
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from marketday.kit.bearer import read_bearer
from marketday.kit.errors import Kind, Permanent
from marketday.kit.ids import InvalidId, parse_id
from marketday.kit.money import LARGEST_MINOR, exponent
from marketday.payments.cards import Card
from marketday.payments.errors import PaymentError, UnknownPayment
from marketday.payments.ports import MALL_GROUP, MOST_GOODS, GatewayState, Purpose
from marketday.web.hot import JSON, HotAnswer, HotEndpoint, HotRequest, json_answer

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


_AT_ONCE = ("card_ok", "card_declined")  # cards that are answered without a wait
_MOVES = {"capture": GatewayState.CAPTURED, "void": GatewayState.VOIDED, "refund": GatewayState.REFUNDED}
HolderName = Annotated[str, Path(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9-]{0,79}$")]


class SandboxDesk:
    """What is done at the gateway, and who may do it."""

    def __init__(self, ledger: "SqliteLedger", *, key: str, late_seconds: float) -> None:
        """Write into `ledger`; `key` is the merchant's own."""
        self.ledger = ledger
        self.late_seconds = late_seconds
        self._key = key.encode()

    def holder(self, authorization: str) -> str:
        """Return the holder of the key in a header `Authorization: Bearer <key>`.

        Raises:
            InvalidGatewayKey: nobody has this key.

        """
        shown = (read_bearer(authorization) or "").encode()
        if hmac.compare_digest(shown, self._key):
            return MERCHANT
        holder = self.ledger.holder_of(hashlib.sha256(shown).hexdigest())
        if holder is None:
            raise InvalidGatewayKey("expected Authorization: Bearer and the gateway's key")
        return holder

    async def authorise(self, reference: UUID, body: Authorisation, holder: str) -> "tuple[LedgerLine | None, bool]":
        """Authorise or decline, as the card's name says; return the line, and whether it is new.

        `card_late` is authorised at once, but answered after `late_seconds`. `card_timeout` is not answered after the
        same time, and never recorded: then there is no line.
        """
        exponent(body.currency)  # refuses an unknown currency
        if body.method == "card_timeout" and await self.ledger.find(reference) is None:
            await asyncio.sleep(self.late_seconds)
            return None, False
        line, new = await self.ledger.authorise(
            reference,
            body.amount_minor,
            body.currency,
            body.method,
            Purpose(body.drop, body.customer, body.subject, body.goods),
            holder=holder,
            declined="declined by the card's issuer" if body.method == "card_declined" else "",
        )
        if new and body.method == "card_late":
            await asyncio.sleep(self.late_seconds)
        return line, new

    async def move(self, reference: UUID, wanted: GatewayState, holder: str) -> "tuple[LedgerLine, int]":
        """Capture, void or refund; return the line after it, and the status of the answer."""
        line = _known(reference, await self.ledger.move(reference, wanted, holder))
        return line, 200 if line.state == wanted else 409


def install_sandbox(app: FastAPI, desk: SandboxDesk) -> None:
    """Add the gateway's routes to `app`.

    Every route except the health checks needs `Authorization: Bearer <key>`: the merchant's own key, or an issued key,
    which gives access only to its holder's payments.
    """

    async def who_asks(authorization: Annotated[str, Header()] = "") -> str:  # a plain function would go to a thread
        return desk.holder(authorization)

    _install_payments(app, desk, who_asks)
    _install_keys(app, desk.ledger, who_asks)


def hot_sandbox(desk: SandboxDesk) -> list[HotEndpoint]:
    """Return the calls of every purchase, with the same results as their routes."""

    async def authorise(request: HotRequest) -> HotAnswer | None:
        if request.headers.get("content-type", "").partition(";")[0] != JSON:
            return None
        try:
            reference = parse_id(request.path_params["reference"])
            wish = Authorisation.model_validate_json(request.content)
        except (InvalidId, ValidationError):
            return None
        if wish.method not in _AT_ONCE:
            return None
        line, new = await desk.authorise(reference, wish, desk.holder(request.headers.get("authorization", "")))
        return None if line is None else json_answer(201 if new else 200, line.document())

    async def capture(request: HotRequest) -> HotAnswer | None:
        try:
            reference = parse_id(request.path_params["reference"])
        except InvalidId:
            return None
        holder = desk.holder(request.headers.get("authorization", ""))
        line, status = await desk.move(reference, GatewayState.CAPTURED, holder)
        return json_answer(status, line.document())

    return [
        HotEndpoint("PUT", "/payments/{reference}", authorise),
        HotEndpoint("POST", "/payments/{reference}/capture", capture),
    ]


def _install_payments(app: FastAPI, desk: SandboxDesk, who_asks: Callable[..., Awaitable[str]]) -> None:
    Holder = Annotated[str, Depends(who_asks)]  # noqa: N806 - a type
    ledger = desk.ledger

    @app.put("/payments/{reference}")
    async def authorise(reference: UUID, body: Authorisation, holder: Holder) -> Response:
        line, new = await desk.authorise(reference, body, holder)
        if line is None:
            return Response(status_code=504)
        return JSONResponse(line.document(), 201 if new else 200)

    @app.get("/payments/{reference}")
    async def find(reference: UUID, holder: Holder) -> dict[str, Any]:
        return _known(reference, await ledger.find(reference, holder)).document()

    @app.post("/payments/{reference}/{call}")
    async def move(reference: UUID, call: Literal["capture", "void", "refund"], holder: Holder) -> Response:
        line, status = await desk.move(reference, _MOVES[call], holder)
        return JSONResponse(line.document(), status)

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


def _install_keys(app: FastAPI, ledger: "SqliteLedger", who_asks: Callable[..., Awaitable[str]]) -> None:
    async def merchant_alone(holder: Annotated[str, Depends(who_asks)]) -> None:
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
