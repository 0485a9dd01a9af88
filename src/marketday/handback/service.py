"""Bring a drop's orders home, prove that nothing was lost, and write the receipt. Repeating it changes nothing."""

from uuid import UUID

import structlog
from joserfc.jwk import OKPKey

from marketday.handback import receipt as receipts
from marketday.handback.copy import Columns, columns_of, copy
from marketday.handback.errors import CopyDiffers, HasOrders, SourceUnavailable, UnknownReceipt
from marketday.handback.model import Point, Receipt, ReceiptKind, Window, shown
from marketday.handback.ports import Links, Promotions, Receipts, Snapshot, Staging
from marketday.handback.verify import Comparison, check_equations, compare_all
from marketday.kit.clock import Clock

_TRIES = 2  # the copy, and one repair
_log = structlog.get_logger()


class HandBackService:
    """The hand-back of any drop, signed with the mall's key."""

    def __init__(
        self,
        links: Links,
        staging: Staging,
        promotions: Promotions,
        kept: Receipts,
        key: OKPKey,
        issuer: str,
        clock: Clock,
    ) -> None:
        """Work with these adapters; receipts are signed with `key` as `issuer`."""
        self._links = links
        self._staging = staging
        self._promotions = promotions
        self._receipts = kept
        self._key = key
        self._issuer = issuer
        self._clock = clock

    async def hand_back(self, window: Window) -> Receipt:
        """Copy, verify, promote, and write the receipt; an environment that has one is done.

        Raises:
            CopyDiffers: the copy differs after a repair too; every difference is named.
            EquationsBroken: the drop's numbers contradict each other.
            PromotionDiffers: the mall would not hold exactly what was verified.
            SourceUnavailable: the drop's database does not answer; try again.

        """
        existing = await self._receipts.get(window.environment_id)
        if existing is not None:
            return await self._receipts.put(existing)
        point, comparison = await self._copy_and_compare(window)
        equations = await check_equations(window, self._staging)
        promotion = await self._promotions.promote(window)
        _log.info("drop_promoted", environment=str(window.environment_id), orders=promotion.orders)
        claims = receipts.handed_back(window, point, comparison, equations, promotion)
        return await self._sign(window, claims)

    async def never_opened(self, window: Window, *, reachable: bool, must_look: bool) -> Receipt:
        """Write the receipt of an environment in which nobody bought, and give its units back.

        `reachable`: its database was built. `must_look`: without a look into it there is no receipt.

        Raises:
            HasOrders: somebody bought; it has to be handed back.
            SourceUnavailable: the database had to be looked at, and does not answer.

        """
        existing = await self._receipts.get(window.environment_id)
        if existing is not None:
            return await self._receipts.put(existing)
        looked = await self._look(window, reachable=reachable, must_look=must_look)
        promotion = await self._promotions.give_back(window)
        return await self._sign(window, receipts.never_opened(window, promotion, looked=looked))

    async def receipt(self, environment_id: UUID) -> Receipt:
        """Return an environment's receipt.

        Raises:
            UnknownReceipt: there is none.

        """
        found = await self._receipts.get(environment_id)
        if found is None:
            raise UnknownReceipt(f"environment {environment_id} is not handed back")
        return found

    async def _look(self, window: Window, *, reachable: bool, must_look: bool) -> bool:
        try:
            orders = await self._links.orders(window) if reachable else None
        except SourceUnavailable:
            if must_look:
                raise
            return False
        if orders is None and must_look:
            raise SourceUnavailable("the room may have opened, and the database cannot be reached; expected to look")
        if orders:
            raise HasOrders(f"{orders} orders or payments; expected none. Retry the environment instead")
        return orders is not None

    async def _copy_and_compare(self, window: Window) -> tuple[Point, Comparison]:
        async with self._links.open(window) as snapshot:
            columns = await columns_of(snapshot)
            for left in reversed(range(_TRIES)):
                comparison = await self._once(window, snapshot, columns)
                if not comparison.differences:
                    return snapshot.point, comparison
                _log.error("copy_differs", found=shown(comparison.differences), copied_again=left > 0)
        raise CopyDiffers(shown(comparison.differences), differences=len(comparison.differences))

    async def _once(self, window: Window, snapshot: Snapshot, columns: Columns) -> Comparison:
        await copy(window, snapshot, self._staging, columns)
        return await compare_all(window, snapshot, self._staging, columns)

    async def _sign(self, window: Window, claims: dict[str, object]) -> Receipt:
        receipt = receipts.sign(self._key, self._issuer, window.environment_id, claims, self._clock.now())
        kept = await self._receipts.put(receipt)
        _log.info("receipt_written", environment=str(window.environment_id), kind=ReceiptKind(kept.kind))
        return kept
