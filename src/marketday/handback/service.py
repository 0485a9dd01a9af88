"""Copy a drop's orders into the mall, prove that nothing was lost, and write the receipt. Repeatable."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from marketday.accounts.tokens import SigningKey
from marketday.handback import receipt as receipts
from marketday.handback.bring import Bringing, Copied
from marketday.handback.copy import DirectCopier
from marketday.handback.errors import HasOrders, SourceUnavailable, UnknownReceipt
from marketday.handback.model import Brought, Receipt, ReceiptKind, Waiting, Window, WindowPhase, WindowProgress
from marketday.handback.ports import Copier
from marketday.handback.verify import Proof, check_equations
from marketday.kit.clock import Clock
from marketday.kit.errors import Temporary

if TYPE_CHECKING:
    from marketday.handback.postgres.evidence import GatheredEvidence
    from marketday.handback.postgres.link import PostgresLinks
    from marketday.handback.postgres.promote import PostgresPromotions
    from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging

_log = structlog.get_logger()


class HandBackService:
    """Hands drops back, and signs their receipts with the mall's key."""

    def __init__(  # noqa: PLR0913, PLR0917 - a composition root names each
        self,
        links: "PostgresLinks",
        staging: "PostgresStaging",
        evidence: "GatheredEvidence",
        promotions: "PostgresPromotions",
        kept: "PostgresReceipts",
        key: SigningKey,
        issuer: str,
        clock: Clock,
        *,
        copier: Copier | None = None,
    ) -> None:
        """Use these adapters; sign receipts with `key` as `issuer`. Without a copier, rows are copied directly."""
        self._links = links
        self._staging = staging
        self._evidence = evidence
        self._promotions = promotions
        self._receipts = kept
        self._key = key
        self._issuer = issuer
        self._clock = clock
        self._copier = copier or DirectCopier()
        self._bringing = Bringing(links, staging, self._copier)

    async def window(self, window: Window) -> Brought | Waiting:
        """Copy the rows that a running drop has so far into its archive, compare them, and return the result.

        Nothing is promoted, and the equations, which hold only after closing, are not checked. A window is identified
        by its environment and `due`; a finished one is not repeated. After `Waiting`, call again later.

        Raises:
            CopyDiffers, CopyRefused, CopyFailed, SourceUnavailable: as `hand_back`.
            ValueError: the window has no `due`.

        """
        if window.due is None:
            raise ValueError("the window has no due; expected the hour of the window")
        progress = await self._staging.progress(window)
        brought = progress.brought if progress else None
        if progress is not None and progress.phase is WindowPhase.CLOSED and brought is not None:
            return brought
        async with self._locked_out_after_errors(window):
            if brought is None:
                result = await self._bringing.bring(window)
                if isinstance(result, Waiting):
                    return result
                brought = result.brought
                await self._note(window, WindowPhase.CLOSING, brought)
                _log.info("window_brought", drop=window.drop_slug, rows=brought.rows, behind=brought.behind)
            return await self._close(window, brought) or brought

    async def hand_back(self, window: Window) -> Receipt | Waiting:
        """Copy, verify, promote, and write the receipt; an environment that has a receipt is done.

        After `Waiting`, call again later; a copier that works in one call never waits.

        Raises:
            CopyDiffers: the copy differs after a repair too; every difference is named.
            CopyRefused: the copy cannot be proved.
            CopyFailed: the copy ended too early; it starts again.
            EquationsBroken: the drop's records contradict each other, or the mall's, the gateway's or the room's.
            PromotionDiffers: the mall would not have exactly the verified rows.
            SourceUnavailable, LedgerUnavailable, RoomUnreachable: a server does not answer; try again.

        """
        existing = await self._receipts.get(window.environment_id)
        if existing is not None:
            kept = await self._receipts.put(existing)
            await self._staging.put_away(window)
            return await self._close_after(window) or kept
        async with self._locked_out_after_errors(window):
            result = await self._bringing.bring(window)
            if isinstance(result, Waiting):
                return result
            receipt = await self._prove(window, result)
            await self._note(window, WindowPhase.CLOSING, result.brought)
            return await self._close(window, result.brought) or receipt

    async def never_opened(self, window: Window, *, reachable: bool, must_look: bool) -> Receipt:
        """Close the drop of an environment in which nobody bought, return its units, and write the receipt.

        The payment gateway is asked too, after the environment's key is revoked.

        `reachable` means that the database was built, `must_look` that it has to be read before there is a receipt.

        Raises:
            HasOrders: somebody bought or reserved something; it is not closed and has to be handed back.
            SourceUnavailable: the database had to be read, and does not answer.

        """
        existing = await self._receipts.get(window.environment_id)
        if existing is not None:
            return await self._receipts.put(existing)
        looked = await self.close_drop(window, reachable=reachable, must_look=must_look)
        # The drop's database is not trusted about payments: the gateway decides.
        taken = await self._evidence.taken(window) if reachable else 0
        if taken:
            raise HasOrders(f"the payment gateway has money of {taken} payments; expected none")
        promotion = await self._promotions.give_back(window)
        return await self._sign(window, receipts.never_opened(window, promotion, looked=looked))

    async def written_off(self, window: Window, by: str) -> Receipt:
        """Give back the money and the units of a drop whose servers are lost for good, and write the receipt.

        The caller makes sure that nothing of it runs any more; its key to the gateway is revoked first. What the drop
        has sold is known to nobody but the gateway, so all of it is given back, except for orders that the mall has
        already. `by` names who gave it up.

        Raises:
            LedgerUnavailable: the gateway does not answer, or has not given a payment back; try again.

        """
        existing = await self._receipts.get(window.environment_id)
        if existing is not None:
            return await self._receipts.put(existing)
        back = await self._evidence.give_back(window)
        promotion = await self._promotions.give_back(window)
        return await self._sign(window, receipts.written_off(window, promotion, back, by))

    async def receipt(self, environment_id: UUID) -> Receipt:
        """Return an environment's receipt.

        Raises:
            UnknownReceipt: there is none.

        """
        found = await self._receipts.get(environment_id)
        if found is None:
            raise UnknownReceipt(f"environment {environment_id} is not handed back")
        return found

    async def close_drop(self, window: Window, *, reachable: bool, must_look: bool) -> bool:
        """Close a drop in which nobody bought or reserved anything; return whether its database was reached.

        Raises:
            HasOrders, SourceUnavailable: as `never_opened`.

        """
        try:
            taken = await self._links.close_drop(window) if reachable else None
        except SourceUnavailable:
            if must_look:
                raise
            return False
        if taken is None and must_look:
            raise SourceUnavailable("the drop has its units, and its database cannot be reached; expected to close it")
        if taken:
            raise HasOrders(f"{taken} reservations, payments or orders; expected none")
        return taken is not None

    async def _prove(self, window: Window, copied: Copied) -> Receipt:
        async with self._staging.open(window) as stage:
            lost = await self._evidence.lost(window, stage) if window.restored and not window.recovered else None
            seen = await self._evidence.gather(window, stage, lost)
            equations = await check_equations(stage)
        if lost is not None:  # only now: as long as something else is wrong, nobody's money moves
            window = replace(window, recovered=await self._evidence.give_back_lost(lost))
        promotion = await self._promotions.promote(window)
        _log.info("drop_promoted", environment=str(window.environment_id), orders=promotion.orders)
        proof = Proof(copied.point, copied.comparison, seen, equations)
        claims = receipts.handed_back(window, proof, promotion)
        return await self._sign(window, claims)

    async def _close_after(self, window: Window) -> Waiting | None:
        """Close the last window, if the process ended after writing the receipt but before closing it."""
        if self._copier.at_snapshot:
            return None
        progress = await self._staging.progress(window)
        if progress is None or progress.phase is WindowPhase.CLOSED:
            return None
        return await self._close(window, progress.brought)

    async def _close(self, window: Window, brought: Brought | None) -> Waiting | None:
        waiting = await self._bringing.close(window)
        if waiting is None:
            await self._note(window, WindowPhase.CLOSED, brought)
        return waiting

    async def _note(self, window: Window, phase: WindowPhase, brought: Brought | None) -> None:
        await self._staging.note(window, WindowProgress(phase, brought=brought))

    @asynccontextmanager
    async def _locked_out_after_errors(self, window: Window) -> AsyncIterator[None]:
        try:
            yield
        except Temporary:
            raise  # the next call continues from here
        except Exception:
            await self._bringing.lock_out_after_error(window)
            raise

    async def _sign(self, window: Window, claims: dict[str, object]) -> Receipt:
        receipt = receipts.sign(self._key, self._issuer, window.environment_id, claims, self._clock.now())
        kept = await self._receipts.put(receipt)
        _log.info("receipt_written", environment=str(window.environment_id), kind=ReceiptKind(kept.kind))
        return kept
