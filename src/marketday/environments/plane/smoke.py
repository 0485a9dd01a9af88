"""The smoke test: a whole purchase through the edge, as a shopper does it, in a drop that is made for the test."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import asyncpg
import structlog

from marketday.accounts.tokens import SigningKey, sign_identity
from marketday.drops.postgres import handover
from marketday.environments.facts import drop_facts
from marketday.environments.model import Environment
from marketday.environments.plane.hand_over import publish_facts
from marketday.environments.plane.reaching import drop_connection, rooms, translated
from marketday.environments.plane.smoke_walk import SmokeWalk
from marketday.environments.ports import Access, Done
from marketday.kit.clock import Clock
from marketday.kit.ids import new_id
from marketday.payments.ports import Gateway, GatewayLedger, GatewayState

_LONGEST_SECONDS = 600  # then the smoke drop closes, even if this test was killed
_BEFORE_OPENING = timedelta(seconds=2)  # enough to join before the draw, so that the draw is tested too
_MOST_LEFTOVERS = 20  # how many drops of killed tests one test removes; each test leaves at most one
_OURS = re.compile(r"smoke-[0-9a-f]{8}")
_ADMISSIONS_PER_SECOND = 20.0  # otherwise we would wait too long if the drop admits one person a minute
_log = structlog.get_logger()


class GatewayWithLedger(Gateway, GatewayLedger, Protocol):
    """The calls of the gateway that the smoke test needs."""


class EdgeSmoke:
    """A `Smoke` over HTTP. It leaves no row and no key, and refunds the money."""

    def __init__(
        self,
        mall: "asyncpg.Pool[Any]",
        media: Path | None,
        signing_key: SigningKey,
        issuer: str,
        gateway: GatewayWithLedger,
        clock: Clock,
        *,
        part_seconds: float = 20.0,
    ) -> None:
        """Sign the shopper's identity with the mall's key as `issuer`; each part may take `part_seconds`."""
        self._mall = mall
        self._media = media
        self._key = signing_key
        self._issuer = issuer
        self._gateway = gateway
        self._clock = clock
        self._part_seconds = part_seconds

    async def walk(self, environment: Environment, access: Access) -> Done:
        """Buy one unit of a drop made for it.

        Raises:
            SmokeFailed: a part of the purchase did not work; the detail names it, and has the last answer.
            RecordsUnavailable: a database does not answer.

        """
        with translated():
            await self._remove_leftovers(environment, access)
            async with self._smoke_drop(environment, access) as (slug, sku):
                token = sign_identity(self._key, new_id(), self._issuer, self._clock.now())
                async with aiohttp.ClientSession() as session:
                    walk = SmokeWalk(session, access, slug, token, self._part_seconds)
                    await walk.buy(sku)
        return Done("joined, drawn, admitted, reserved, paid and ordered")

    @asynccontextmanager
    async def _smoke_drop(self, environment: Environment, access: Access) -> AsyncIterator[tuple[str, str]]:
        slug = f"smoke-{secrets.token_hex(4)}"
        now = self._clock.now()
        first = environment.definition.products[0]
        [item] = await handover.read_items(self._mall, [(first.sku, 1, 1)], self._media)
        planned = drop_facts(environment.definition, environment.schedule)
        facts = replace(
            planned,
            slug=slug,
            rates={**planned.rates, "admissions_per_second": _ADMISSIONS_PER_SECOND},
            room_opens_at=now - timedelta(seconds=1),
            opens_at=now + _BEFORE_OPENING,
            closes_at=now + timedelta(seconds=_LONGEST_SECONDS),
        )
        try:
            async with drop_connection(access) as drop:
                commitment = await handover.write_drop(drop, facts, [item])
            await publish_facts(access, facts, commitment)
            yield slug, first.sku
        finally:
            await self._remove(environment, access, slug)

    async def _remove_leftovers(self, environment: Environment, access: Access) -> None:
        async with drop_connection(access) as drop:
            left = await handover.smoke_drops(drop)
        # The drop's database is not trusted: limit what we sign for it and the time it can take.
        for slug in list(filter(_OURS.fullmatch, left))[:_MOST_LEFTOVERS]:
            _log.info("smoke_leftover_removed", drop=slug)
            await self._remove(environment, access, slug)

    async def _remove(self, environment: Environment, access: Access, slug: str) -> None:
        """Refund the money, then remove the waiting room's keys, and the rows last: a killed test is found by its rows.

        Only payments with this environment's key are refunded: another environment's smoke test may run now.
        """
        holder = environment.outputs.get("payment_holder")
        async with drop_connection(access) as drop:
            async for entry in self._gateway.ledger(holder=holder, group=slug):
                reference = entry.payment.reference
                if (await self._gateway.void(reference)).state is GatewayState.CAPTURED:
                    await self._gateway.refund(reference)
            await handover.forget_room(drop, slug)
            async with rooms(access) as room:
                await room.forget_drop(slug)
            await handover.remove_drop(drop, slug)
