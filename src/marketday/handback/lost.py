"""Payments in the gateway's books that a restored database does not have: which of them are given back. Pure.

The gateway's books outlive a disk and a region. What they have and the restored copy has not was paid after the copy's
last moment: its order is lost, and its money is given back. A payment from before that moment was not lost with it:
then it is the wrong database, or somebody removed it, and nothing is given back.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketday.handback.errors import BooksDiffer
from marketday.handback.model import Recovered, Restoration
from marketday.payments.giving_back import HELD
from marketday.payments.ports import GatewayState, LedgerEntry

CLOCKS_DIFFER = timedelta(seconds=5)  # at most, between the clocks of the drop's database and of the gateway
STILL = timedelta(seconds=60)  # a payment that is younger says that somebody still sells
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LostPayments:
    """The payments that were lost with what came after the copy's last moment."""

    copied_to: datetime
    entries: Sequence[LedgerEntry]

    @property
    def holding(self) -> list[LedgerEntry]:
        """Those with money that is to be given back."""
        return [one for one in self.entries if one.payment.state in HELD]

    def recovered(self) -> Recovered:
        """Return what a receipt says of them."""
        captured = Counter[str]()
        for one in self.entries:
            if one.payment.state in {GatewayState.CAPTURED, GatewayState.REFUNDED}:
                captured[one.payment.currency] += one.payment.amount_minor
        return Recovered(self.copied_to, frozenset(one.payment.reference for one in self.entries), captured)


def lost_payments(
    entries: Iterable[LedgerEntry], known: Collection[UUID], copied_to: datetime, now: datetime
) -> LostPayments:
    """Return the payments of `entries` that are not in the database, whose ids `known` are.

    Older ones without money are left to the hand-back, which refuses what nobody explains.

    Raises:
        BooksDiffer: one that holds money is older than the copy's last moment, or so young that somebody still sells.

    """
    missing = [one for one in entries if one.payment.reference not in known]
    since = copied_to - CLOCKS_DIFFER
    if older := [one for one in missing if one.payment.state in HELD and one.created_at < since]:
        raise BooksDiffer(
            f"{len(older)} payments are older than the copy ({copied_to.isoformat()}) and not in the database: "
            f"{_shown(older)}; expected the database that was restored, the moment from the report, and the mall's own "
            "key: nothing was given back"
        )
    if younger := [one for one in missing if one.updated_at > now - STILL and one.payment.state in HELD]:
        raise BooksDiffer(
            f"{len(younger)} payments are less than a minute old: {_shown(younger)}; somebody still sells, perhaps the "
            "mall in the lost region: revoke its key at the gateway, wait a minute, then repeat the command"
        )
    return LostPayments(copied_to, [one for one in missing if one.created_at >= since])


def begun_in_a_gap(entry: LedgerEntry, restored: Sequence[Restoration]) -> bool:
    """Return whether a payment was begun between a copy's last moment and its restore."""
    return any(one.copied_to - CLOCKS_DIFFER <= entry.created_at <= one.restored_at + CLOCKS_DIFFER for one in restored)


def lost_in_gaps(
    entries: Iterable[LedgerEntry], known: Collection[UUID], restored: Sequence[Restoration]
) -> LostPayments:
    """Return the payments of `entries`, begun in a gap, that are not in the drop's database, whose ids `known` are.

    Raises:
        BooksDiffer: one of them was there when the database was restored, so somebody removed it.

    """
    missing = [one for one in entries if one.payment.reference not in known]
    kept = frozenset[UUID]().union(*(one.kept for one in restored))
    if removed := [one for one in missing if one.payment.reference in kept]:
        raise BooksDiffer(
            f"{len(removed)} payments were in the restored database and are not in it any more: {_shown(removed)}; "
            "expected them there: nothing was given back"
        )
    return LostPayments(min(one.copied_to for one in restored), missing)


def _shown(entries: Sequence[LedgerEntry]) -> str:
    told = ", ".join(str(one.payment.reference) for one in entries[:MOST_SHOWN])
    return told + (", ..." if len(entries) > MOST_SHOWN else "")
