"""The parts of a purchase, one after another; each is tried until it works or its time is over."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from marketday.environments.errors import SmokeFailed
from marketday.environments.ports import Access
from marketday.kit.answers import read_at_most
from marketday.kit.bearer import bearer_header
from marketday.kit.printable import printable

_PAUSE_SECONDS = 0.2
_LARGEST_BODY = 256 * 1024  # bytes
_LONGEST_ANSWER = 200  # characters of an answer that are shown
_NEVER_MENDED = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}


class SmokeWalk:
    """One shopper's purchase in a drop, over HTTP."""

    def __init__(
        self, session: aiohttp.ClientSession, access: Access, slug: str, identity: str, part_seconds: float
    ) -> None:
        """Buy in the drop `slug` with the identity token `identity`; each part may take `part_seconds`."""
        self._session = session
        self._access = access
        self._drop = f"/v1/drops/{slug}"
        self._headers = bearer_header(identity)
        self._part_seconds = part_seconds

    async def buy(self, sku: str) -> None:
        """Buy one unit of `sku`.

        Raises:
            SmokeFailed: a part of the purchase did not work in time.

        """
        await self._ask("refuse who has no token", "POST", f"{self._drop}/entries", (401,), headers={}, body={})
        entry = await self._ask("join", "POST", f"{self._drop}/entries", (200, 201))
        now = await self._ask("now", "GET", f"{self._drop}/now", (200,), headers={})
        self._expect("now", now.get("commitment") == entry.get("commitment"), "one commitment in entry and now")
        await self._ask("draw", "GET", f"{self._drop}/now", (200,), headers={}, until=_is_drawn)
        admission = await self._ask("admission", "POST", f"{self._drop}/admissions", (200, 201))
        self._headers["Marketday-Admission"] = str(admission.get("admission", ""))
        body = {"sku": sku, "quantity": 1}
        held = await self._ask("reserve", "POST", f"{self._drop}/reservations", (201,), body=body, key="smoke-reserve")
        path = f"/v1/reservations/{held.get('id')}/payment"
        paid = await self._ask("pay", "POST", path, (201,), body={"method": "card_ok"}, key="smoke-pay")
        ordered = paid.get("order")
        order_id = ordered.get("id") if isinstance(ordered, dict) else None
        order = await self._ask("order", "GET", f"/v1/orders/{order_id}", (200,))
        self._expect("order", order.get("id") == order_id, f"the order {order_id}")

    async def _ask(  # noqa: PLR0913 - an HTTP request and what is expected of it
        self,
        part: str,
        method: str,
        path: str,
        wanted: tuple[int, ...],
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
        until: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    ) -> Mapping[str, Any]:
        sent = {"Host": self._access.host, **self._access.headers, **(self._headers if headers is None else headers)}
        if key:
            sent["Idempotency-Key"] = key
        deadline = time.monotonic() + self._part_seconds
        while True:
            status, answer = await self._send(method, path, sent, body)
            if status in wanted and until(answer):
                return answer
            if status in _NEVER_MENDED or time.monotonic() >= deadline:
                shown = printable(json.dumps(answer, ensure_ascii=False), _LONGEST_ANSWER)
                raise SmokeFailed(f"{part}: {method} {path} got the answer {status} {shown}; expected {wanted[-1]}")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, Any]]:
        """Return status and body; a body that is not a JSON object is under `text`. Status 0 means no answer."""
        timeout = aiohttp.ClientTimeout(total=self._part_seconds)
        try:
            async with self._session.request(
                method, self._access.address + path, headers=headers, json=body, timeout=timeout, allow_redirects=False
            ) as response:
                # The environment is not trusted: follow no redirect and limit the size of its answer.
                text = (await read_at_most(response, _LARGEST_BODY)).decode("utf-8", "replace")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return 0, {"text": f"{type(error).__name__}: {error}"}
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = {"text": text}
        return response.status, answer if isinstance(answer, dict) else {"text": text}

    def _expect(self, part: str, holds: bool, expected: str) -> None:  # noqa: FBT001 - a check reads like this
        if not holds:
            raise SmokeFailed(f"{part}: expected {expected}")


def _is_drawn(now: Mapping[str, Any]) -> bool:
    return now.get("phase") == "open" and bool(now.get("seed"))
