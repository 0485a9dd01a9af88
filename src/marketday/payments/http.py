"""The client of a payment gateway that has the sandbox's HTTP API."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from marketday.kit.bearer import bearer_header
from marketday.kit.http import HttpServer, Received, request_bytes
from marketday.payments import answers
from marketday.payments.answers import LARGEST_BODY, Later
from marketday.payments.errors import GatewayRefused, GatewayTimeout, GatewayUnclear, UnknownPayment
from marketday.payments.ports import GatewayPayment, LedgerEntry, Purpose

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 1.0
_CONNECTIONS = 64
_PAGE_LINES = 2000
_LARGEST_PAGE = 8 * 1024 * 1024  # bytes


class HttpGateway:
    """A `Gateway` over HTTP; with the merchant's own key also its `GatewayKeys`.

    The reference makes every call idempotent. So after a broken connection, a 429, a 5xx or an unreadable answer the
    call is retried until `answer_seconds` have passed, after longer and longer pauses, and never before the gateway
    allows it. After that `GatewayTimeout` means that the result is unknown. Close the client with `close()`, or use it
    as an asynchronous context manager.
    """

    def __init__(self, url: str, key: str, *, answer_seconds: float = 2.0) -> None:
        """Use the gateway at `url` with the bearer `key`; no call takes longer than `answer_seconds`."""
        parts = urlsplit(url)
        self._server = HttpServer.at(url, _CONNECTIONS)
        self._base = parts.path.rstrip("/")
        self._headers = {"Host": parts.netloc.rpartition("@")[2], **bearer_header(key), "Accept-Encoding": "identity"}
        self._answer_seconds = answer_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        self._server.close()

    async def authorise(
        self, reference: UUID, amount_minor: int, currency: str, method: str, purpose: Purpose
    ) -> GatewayPayment:
        """Reserve money; see `Gateway.authorise`."""
        body = {
            "amount_minor": amount_minor,
            "currency": currency,
            "method": method,
            "drop": purpose.group,
            "customer": str(purpose.customer),
            "subject": str(purpose.subject),
            "goods": purpose.goods,
        }
        answer = _known(reference, await self._call("PUT", f"/payments/{reference}", body))
        if answer.authorised and (answer.amount_minor, answer.currency) != (amount_minor, currency):
            told = f"{answer.amount_minor} {answer.currency}"
            raise GatewayUnclear(f"{reference} authorised for {told}; expected {amount_minor} {currency}")
        return answer

    async def capture(self, reference: UUID) -> GatewayPayment:
        """Take the reserved money; see `Gateway.capture`."""
        return _known(reference, await self._call("POST", f"/payments/{reference}/capture"))

    async def void(self, reference: UUID) -> GatewayPayment:
        """Release the reserved money; see `Gateway.void`."""
        return _known(reference, await self._call("POST", f"/payments/{reference}/void"))

    async def refund(self, reference: UUID) -> GatewayPayment:
        """Pay the taken money back; see `Gateway.refund`."""
        return _known(reference, await self._call("POST", f"/payments/{reference}/refund"))

    async def lookup(self, reference: UUID) -> GatewayPayment | None:
        """Return the payment at the gateway; see `Gateway.lookup`."""
        found = await self._call("GET", f"/payments/{reference}")
        return None if found is None else answers.payment(found, reference)

    async def issue(self, holder: str, key: str) -> None:
        """Register `key` for `holder`; the gateway gets only its hash. See `GatewayKeys.issue`."""
        body = {"key_sha256": hashlib.sha256(key.encode()).hexdigest()}
        if await self._call("PUT", f"/keys/{holder}", body) is None:
            raise GatewayUnclear(f"not found; expected a key for {holder}")

    async def revoke(self, holder: str) -> None:
        """Revoke the key of `holder`; see `GatewayKeys.revoke`."""
        await self._call("DELETE", f"/keys/{holder}")

    async def is_known(self, holder: str) -> bool:
        """Return whether `holder` has a key; see `GatewayKeys.is_known`."""
        return await self._call("GET", f"/keys/{holder}") is not None

    async def ledger(self, *, holder: str | None = None, group: str | None = None) -> AsyncIterator[LedgerEntry]:
        """Read the gateway's ledger, page by page; see `GatewayLedger.ledger`."""
        asked = {"most": str(_PAGE_LINES), "after": ""}
        asked |= {name: value for name, value in (("holder", holder), ("group", group)) if value is not None}
        while True:
            page = await self._call("GET", f"/ledger?{urlencode(asked)}", largest=_LARGEST_PAGE)
            if not isinstance(page, list):
                raise GatewayUnclear("not a page of the ledger; expected a list of payments")
            lines = [_ledger_entry(line) for line in page]
            for line in lines:
                yield line
            if len(lines) < _PAGE_LINES:
                return
            asked["after"] = str(lines[-1].payment.reference)

    async def _call(self, method: str, path: str, body: Any = None, *, largest: int = LARGEST_BODY) -> Any:
        last, in_doubt = Later("none"), False
        try:
            async with asyncio.timeout(self._answer_seconds) as limit:
                for backoff in _pauses():
                    answer = await self._try_once(method, path, body, largest)
                    if not isinstance(answer, Later):
                        return answer
                    last, in_doubt = answer, in_doubt or answer.may_be_done
                    pause = max(backoff, last.pause_seconds)
                    if asyncio.get_running_loop().time() + pause >= (limit.when() or 0):
                        break  # the retry would come too late, so fail now
                    await asyncio.sleep(pause)
        except TimeoutError:
            pass
        except GatewayRefused as error:
            if in_doubt:  # the gateway refused this try, but may have done an earlier one
                raise GatewayUnclear(f"{method} {path}: {error.detail}; before that, {last.why}") from error
            raise
        raise GatewayTimeout(f"{method} {path}: no answer within {self._answer_seconds:g} s; last: {last.why}")

    async def _try_once(self, method: str, path: str, body: Any, largest: int) -> Any:
        headers, content = self._headers, b""
        if body is not None:
            headers, content = {**headers, "Content-Type": "application/json"}, json.dumps(body).encode()
        try:
            answer = await self._server.ask(request_bytes(method, self._base + path, headers, content), largest)
        except OSError as error:  # the connection broke, or was never made
            return Later(type(error).__name__)
        read = answers.read(answer.status, _content_type(answer), answer.content, largest)
        if isinstance(read, Later):
            asked = answers.pause(answer.headers.get("Retry-After", ""), datetime.now(UTC))
            return Later(read.why, asked, read.may_be_done)
        return read


def _content_type(answer: Received) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _pauses() -> Iterator[float]:
    """Return longer and longer pauses of random length."""
    longest = _FIRST_PAUSE_SECONDS
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 - not a secret: it keeps clients from asking at the same time
        longest = min(2 * longest, _LONGEST_PAUSE_SECONDS)


def _ledger_entry(line: Any) -> LedgerEntry:
    try:
        purpose = None
        if line["customer"]:
            purpose = Purpose(line["group"], UUID(line["customer"]), UUID(line["subject"]), line["goods"])
        moments = (datetime.fromisoformat(line[name]) for name in ("created_at", "updated_at"))
        return LedgerEntry(answers.payment(line, UUID(line["reference"])), line["holder"], purpose, *moments)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayUnclear(f"a line of the ledger that is not a payment: {type(error).__name__}") from None


def _known(reference: UUID, found: Any) -> GatewayPayment:
    if found is None:
        raise UnknownPayment(f"the gateway has no payment {reference}")
    return answers.payment(found, reference)
