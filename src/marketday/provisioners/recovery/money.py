"""Money at the gateway that no restored order knows: which of it is given back. Pure.

The gateway's books outlive the region. What they have and the restored database has not was paid after the copy's last
moment: its order is lost, and its money is given back. An older payment that is not in the database was not lost with
the region: then it is the wrong database, or the wrong key, and nothing is given back.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketday.handback.model import Recovered
from marketday.payments.ports import GatewayState, LedgerEntry
from marketday.provisioners.recovery.errors import BooksDiffer

CLOCKS_DIFFER = timedelta(seconds=5)  # between the database's clock and the gateway's, at most
STILL = timedelta(seconds=60)  # a payment that is younger says that somebody still sells
MOST_SHOWN = 5
_HELD = {GatewayState.AUTHORISED, GatewayState.CAPTURED}


@dataclass(frozen=True, slots=True)
class LostPayments:
    """The payments that the restored database does not have, those that still hold money first."""

    copied_to: datetime
    entries: Sequence[LedgerEntry]

    @property
    def holding(self) -> list[LedgerEntry]:
        """Those with money that is to be given back."""
        return [one for one in self.entries if one.payment.state in _HELD]

    def recovered(self) -> Recovered:
        """Return what a receipt says of them."""
        captured = Counter[str]()
        for one in self.entries:
            if one.payment.state in {GatewayState.CAPTURED, GatewayState.REFUNDED}:
                captured[one.payment.currency] += one.payment.amount_minor
        return Recovered(self.copied_to, frozenset(one.payment.reference for one in self.entries), captured)


def lost_payments(
    entries: Sequence[LedgerEntry], known: Collection[UUID], copied_to: datetime, now: datetime
) -> LostPayments:
    """Return the payments of `entries` that are not in the database, whose ids `known` are.

    Raises:
        BooksDiffer: one of them is older than the copy's last moment, or so young that somebody still sells.

    """
    missing = [one for one in entries if one.payment.reference not in known]
    held = [one for one in missing if one.payment.state in _HELD]
    older = [one for one in held if one.created_at < copied_to - CLOCKS_DIFFER]
    if older:
        raise BooksDiffer(
            f"{len(older)} payments are older than the copy ({copied_to.isoformat()}) and not in the database: "
            f"{_shown(older)}; expected the database that was restored, the moment from the report, and the mall's own "
            "key: nothing was given back"
        )
    younger = [one for one in missing if one.updated_at > now - STILL and one.payment.state in _HELD]
    if younger:
        raise BooksDiffer(
            f"{len(younger)} payments are less than a minute old: {_shown(younger)}; somebody still sells, perhaps the "
            "mall in the lost region: revoke its key at the gateway, wait a minute, then repeat the command"
        )
    return LostPayments(copied_to, missing)


def _shown(entries: Sequence[LedgerEntry]) -> str:
    told = ", ".join(str(one.payment.reference) for one in entries[:MOST_SHOWN])
    return told + (", ..." if len(entries) > MOST_SHOWN else "")
