"""What a day needs from the mall that it opens. `apps/demo.py` opens all of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from marketday.accounts.ports import AccountStore
from marketday.crowd.report.model import LedgerLine, MallEvidence
from marketday.environments.ports import EnvironmentStore
from marketday.provisioners.local.mall_plane import MallPlane

if TYPE_CHECKING:
    from marketday.catalog.postgres import PostgresProductStore


@dataclass(frozen=True, slots=True)
class OpenedMall:
    """The stores of a mall on this machine, and calls to its servers, the gateway and the waiting room."""

    accounts: AccountStore
    products: "PostgresProductStore"
    environments: EnvironmentStore
    seed_people: Callable[[int, datetime], Awaitable[list[tuple[UUID, str]]]]
    look_at_room: Callable[[str, str], Awaitable[Mapping[str, object]]]  # by an event plane's address and a drop's slug
    read_evidence: Callable[[UUID], Awaitable[MallEvidence]]  # by the id of an environment
    read_ledger: Callable[[str], Awaitable[Sequence[LedgerLine]]]  # by the slug of a drop
    has_payment_key: Callable[[str], Awaitable[bool]]  # by the name of a plane


OpenMall = Callable[[MallPlane], AbstractAsyncContextManager[OpenedMall]]
