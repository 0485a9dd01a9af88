"""The client of a payment gateway that speaks the sandbox's HTTP API."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

import aiohttp

from marketday.payments.errors import GatewayRefused, GatewayTimeout, UnknownPayment
from marketday.payments.ports import GatewayPayment, GatewayState, LedgerEntry, Purpose

_RETRY_PAUSE_SECONDS = 0.05
_CONNECTIONS = 64
_PAGE_LINES = 2000


class HttpGateway:
    """A `Gateway` over HTTP, and with the merchant's own key its `GatewayKeys`.

    Every call is idempotent by its reference, so a broken connection, a 429, a 5xx or an unreadable answer is
    tried again until `answer_seconds` are over; then `GatewayTimeout` says that nothing is known. Close it with
    `close()`, or use it as an asynchronous context manager.
    """

    def __init__(self, url: str, key: str, *, answer_seconds: float = 2.0) -> None:
        """Talk to the gateway at `url` with the bearer `key`; no call takes longer than `answer_seconds`."""
        self._url = url.rstrip("/")
        self._key = key
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def authorise(
        self, reference: UUID, amount_minor: int, currency: str, method: str, purpose: Purpose
    ) -> GatewayPayment:
        """Set money aside; see `Gateway.authorise`."""
        body = {
            "amount_minor": amount_minor,
            "currency": currency,
            "method": method,
            "drop": purpose.group,
            "customer": str(purpose.customer),
            "subject": str(purpose.subject),
            "goods": purpose.goods,
        }
        return _known(reference, await self._call("PUT", f"/payments/{reference}", body))

    async def capture(self, reference: UUID) -> GatewayPayment:
        """Take the money that was set aside; see `Gateway.capture`."""
        return _known(reference, await self._call("POST", f"/payments/{reference}/capture"))

    async def void(self, reference: UUID) -> GatewayPayment:
        """Let go of the money that was set aside; see `Gateway.void`."""
        return _known(reference, await self._call("POST", f"/payments/{reference}/void"))

    async def refund(self, reference: UUID) -> GatewayPayment:
        """Give back the money that was taken; see `Gateway.refund`."""
        return _known(reference, await self._call("POST", f"/payments/{reference}/refund"))

    async def lookup(self, reference: UUID) -> GatewayPayment | None:
        """Return the payment as the gateway knows it; see `Gateway.lookup`."""
        found = await self._call("GET", f"/payments/{reference}")
        return None if found is None else _payment(found)

    async def issue(self, holder: str, key: str) -> None:
        """Let `holder` in with `key`, of which the gateway gets the hash alone; see `GatewayKeys.issue`."""
        await self._call("PUT", f"/keys/{holder}", {"key_sha256": hashlib.sha256(key.encode()).hexdigest()})

    async def revoke(self, holder: str) -> None:
        """Let `holder` in no more; see `GatewayKeys.revoke`."""
        await self._call("DELETE", f"/keys/{holder}")

    async def is_known(self, holder: str) -> bool:
        """Say whether `holder` has a key; see `GatewayKeys.is_known`."""
        return await self._call("GET", f"/keys/{holder}") is not None

    async def ledger(self, *, holder: str | None = None, group: str | None = None) -> AsyncIterator[LedgerEntry]:
        """Read the gateway's books by pages; see `GatewayLedger.ledger`."""
        asked = {"most": str(_PAGE_LINES), "after": ""}
        asked |= {name: value for name, value in (("holder", holder), ("group", group)) if value is not None}
        while True:
            page: Any = await self._call("GET", f"/ledger?{urlencode(asked)}")
            lines = [_ledger_entry(line) for line in page] if isinstance(page, list) else []
            for line in lines:
                yield line
            if len(lines) < _PAGE_LINES:
                return
            asked["after"] = str(lines[-1].payment.reference)

    async def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(self._answer_seconds):
                while True:
                    answer = await self._try_once(method, path, body)
                    if answer is not _NO_ANSWER:
                        return answer
                    await asyncio.sleep(_RETRY_PAUSE_SECONDS)
        except TimeoutError:
            detail = f"{method} {path}: no answer within {self._answer_seconds:g} s"
            raise GatewayTimeout(detail) from None

    async def _try_once(self, method: str, path: str, body: Any) -> dict[str, Any] | None:
        try:
            async with self._opened().request(method, self._url + path, json=body) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    return _NO_ANSWER
                found: dict[str, Any] = await answer.json()
        except (aiohttp.ClientError, ValueError):  # broken off, or not JSON: something between us and the gateway
            return _NO_ANSWER
        if answer.status >= HTTPStatus.BAD_REQUEST and "state" not in found:
            raise GatewayRefused(str(found.get("detail", ""))[:200])
        return found

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._key}"},
                timeout=aiohttp.ClientTimeout(total=self._answer_seconds),
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
            )
        return self._session


_NO_ANSWER: dict[str, Any] = {}


def _payment(found: dict[str, Any]) -> GatewayPayment:
    return GatewayPayment(
        reference=UUID(found["reference"]),
        state=GatewayState(found["state"]),
        amount_minor=found["amount_minor"],
        currency=found["currency"],
        reason=found["reason"],
    )


def _ledger_entry(line: Any) -> LedgerEntry:
    try:
        purpose = None
        if line["customer"]:
            purpose = Purpose(line["group"], UUID(line["customer"]), UUID(line["subject"]), line["goods"])
        moments = (datetime.fromisoformat(line[name]) for name in ("created_at", "updated_at"))
        return LedgerEntry(_payment(line), line["holder"], purpose, *moments)
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayRefused(f"the gateway answered a line that is no payment: {type(error).__name__}") from None


def _known(reference: UUID, found: dict[str, Any] | None) -> GatewayPayment:
    if found is None:
        raise UnknownPayment(f"the gateway knows no payment {reference}")
    return _payment(found)
