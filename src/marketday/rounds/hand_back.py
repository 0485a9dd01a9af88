"""The lifecycle's last steps, done by the hand-back: this connects the two packages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from marketday.environments.errors import HasOpened
from marketday.environments.facts import drop_facts
from marketday.environments.model import RELEASED_EARLY, RESTORED, Environment
from marketday.environments.ports import Access, Done, EnvironmentStore, NotYet
from marketday.handback.errors import HasOrders, UnknownReceipt
from marketday.handback.model import Brought, Receipt, ReceiptKind, Replication, Restoration, Waiting, Window
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.service import HandBackService
from marketday.kit.text import counted


class HandBackStep:
    """A `HandBack` of the environments. The receipt is recorded with the environment, where every process finds it."""

    def __init__(self, service: HandBackService) -> None:
        """Use `service`."""
        self._service = service

    async def window(self, environment: Environment, access: Access) -> Done | NotYet:
        """Copy what the drop has so far, and compare it."""
        brought = await self._service.window(window_of(environment, access, last=False))
        return NotYet(brought.reason) if isinstance(brought, Waiting) else Done(_told(brought))

    async def hand_back(self, environment: Environment, access: Access) -> Done | NotYet:
        """Copy, verify, promote, and write the receipt."""
        receipt = await self._service.hand_back(window_of(environment, access, last=True))
        return NotYet(receipt.reason) if isinstance(receipt, Waiting) else _done(receipt)

    async def close_drop(self, environment: Environment, access: Access | None, *, must_look: bool) -> None:
        """Close a drop of which nobody bought or reserved anything; raises HasOpened."""
        window = window_of(environment, access, last=True)
        with _goes_on_when_sold():
            await self._service.close_drop(window, reachable=access is not None, must_look=must_look)

    async def never_opened(self, environment: Environment, access: Access | None, *, must_look: bool) -> Done:
        """Write the receipt of an environment in which nobody bought; raises HasOpened."""
        window = window_of(environment, access, last=True)
        with _goes_on_when_sold():
            receipt = await self._service.never_opened(window, reachable=access is not None, must_look=must_look)
        return _done(receipt)

    async def write_off(self, environment: Environment, by: str) -> Done:
        """Give back the money and the units of an environment whose servers are lost, and write the receipt.

        If it has a receipt of a hand-back already, that one counts: its writer was killed before it was recorded.
        """
        receipt = await self._service.written_off(window_of(environment, None, last=True), by)
        if receipt.kind is not ReceiptKind.WRITTEN_OFF:
            return _done(receipt)
        back, promotion = receipt.claims["given_back"], receipt.claims["promotion"]
        told = (
            f"receipt {receipt.kind}: {counted(back['payments'], 'payment')} given back, "
            f"{promotion['units_returned']} units returned"
        )
        if promotion["orders"]:
            told += f"; the mall keeps the {counted(promotion['orders'], 'order')} that it has, and their money"
        return Done(told, {"receipt": receipt.token})

    async def receipt(self, environment_id: UUID) -> str | None:
        """Return the receipt's token, if there is one."""
        try:
            return (await self._service.receipt(environment_id)).token
        except UnknownReceipt:
            return None


class RecordedReceipts:
    """Receipts as the hand-back recorded them with their environments."""

    def __init__(self, store: EnvironmentStore, verifier: ReceiptVerifier) -> None:
        """Read from `store`; only what `verifier` accepts is used."""
        self._store = store
        self._verifier = verifier

    async def receipt(self, environment_id: UUID) -> Receipt:
        """Return an environment's receipt; raises UnknownReceipt, InvalidReceipt."""
        token = (await self._store.get(environment_id)).outputs.get("receipt")
        if token is None:
            raise UnknownReceipt(f"environment {environment_id} is not handed back")
        self._verifier.check(token, environment_id)
        return self._verifier.read(token)


@contextmanager
def _goes_on_when_sold() -> Iterator[None]:
    try:
        yield
    except HasOrders as error:
        raise HasOpened(error.detail) from error


def window_of(environment: Environment, access: Access | None, *, last: bool) -> Window:
    """Return the window of an environment: the one that is due, or with `last` the one after its drain."""
    windows = environment.schedule.windows_until(environment.schedule.closes_at)
    return Window(
        environment_id=environment.id,
        drop_slug=environment.drop_slug,
        database_url=access.database_url if access else "",
        room_url=access.valkey_url if access else "",
        commitment=environment.outputs.get("commitment", ""),
        promised=drop_facts(environment.definition, environment.schedule),
        payment_holder=environment.outputs.get("payment_holder"),
        due=None if last else windows[environment.windows],
        replication=Replication(**access.replication) if access and access.replication else None,
        released_early=json.loads(environment.outputs.get(RELEASED_EARLY, "null")),
        restored=[Restoration.read(one) for one in json.loads(environment.outputs.get(RESTORED, "[]"))],
    )


def _told(brought: Brought) -> str:
    behind = sum(brought.behind.values())
    rows = counted(sum(brought.rows.values()), "row")
    return f"{rows} at {brought.point.lsn}" + (f", {behind} behind" if behind else "")


def _done(receipt: Receipt) -> Done:
    promotion = receipt.claims["promotion"]
    summary = (
        f"receipt {receipt.kind}: {counted(promotion['orders'], 'order')}, "
        f"{counted(promotion['units_sold'], 'unit')} sold, {promotion['units_returned']} returned"
    )
    if back := receipt.claims.get("recovered", {}).get("payments_given_back"):
        summary += f"; {counted(back, 'payment')} begun after the restored copy ended, given back"
    return Done(summary, {"receipt": receipt.token})
