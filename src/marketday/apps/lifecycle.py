"""The lifecycle of environments, wired: local provisioner, mall database, hand-back and receipts."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from marketday.accounts.tokens import load_signing_key, parse_jwks, public_jwks
from marketday.environments.drain import PlaneDrain
from marketday.environments.hand_over import MallHandOver
from marketday.environments.local.event_plane import Given
from marketday.environments.local.home import Home
from marketday.environments.local.mall_plane import MallPlane
from marketday.environments.local.provisioner import LocalProvisioner
from marketday.environments.log import LogNotifier
from marketday.environments.model import Environment
from marketday.environments.permit import Permits
from marketday.environments.ports import Access, Done, NotYet
from marketday.environments.postgres import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.environments.smoke import EdgeSmoke
from marketday.environments.steps import Steps
from marketday.handback.errors import UnknownReceipt
from marketday.handback.link import PostgresLinks
from marketday.handback.model import Receipt, Window
from marketday.handback.postgres import PostgresReceipts, PostgresStaging
from marketday.handback.promote import PostgresPromotions
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.payments.http import HttpGateway


@dataclass(frozen=True, slots=True, repr=False)
class ProdSide:
    """What the lifecycle needs to know of the mall. Holds secrets: never logged."""

    home: Home
    database_url: str
    public_url: str
    signing_key_file: Path
    media_folder: Path
    gateway_url: str
    gateway_key: str


def prod_side(plane: MallPlane) -> ProdSide:
    """Return what the lifecycle needs to know of a mall on this machine."""
    return ProdSide(
        home=plane.home,
        database_url=plane.database_url,
        public_url=plane.public_url,
        signing_key_file=plane.signing_key_file,
        media_folder=plane.media_folder,
        gateway_url=plane.gateway_url,
        gateway_key=plane.gateway_key,
    )


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Everything that moves environments on this machine."""

    service: EnvironmentService
    store: PostgresEnvironments
    provisioner: LocalProvisioner
    hand_back: HandBackService
    receipts: ReceiptVerifier
    permits: Permits


class HandBackStep:
    """Lets the lifecycle, which does not know the hand-back, use it: a `HandBack` of the environments."""

    def __init__(self, service: HandBackService) -> None:
        """Use `service`."""
        self._service = service

    async def window(self, environment: Environment, access: Access) -> Done | NotYet:
        """Copy what the drop has so far, and compare it."""
        brought = await self._service.window(_window(environment, access))
        return Done(str(brought))

    async def hand_back(self, environment: Environment, access: Access) -> Done | NotYet:
        """Copy, verify, promote, and write the receipt."""
        receipt = await self._service.hand_back(_window(environment, access))
        return Done(_summary(receipt))

    async def never_opened(self, environment: Environment, access: Access | None, *, must_look: bool) -> Done:
        """Write the receipt of an environment in which nobody bought."""
        window = _window(environment, access)
        receipt = await self._service.never_opened(window, reachable=access is not None, must_look=must_look)
        return Done(_summary(receipt))

    async def receipt(self, environment_id: UUID) -> str | None:
        """Return the receipt's token, if there is one."""
        try:
            return (await self._service.receipt(environment_id)).token
        except UnknownReceipt:
            return None


@asynccontextmanager
async def open_lifecycle(prod: ProdSide) -> AsyncIterator[Lifecycle]:
    """Wire the lifecycle; its database may be away meanwhile, and come back.

    Raises:
        OSError, ValueError: the signing key cannot be read.

    """
    clock, key = SystemClock(), load_signing_key(prod.signing_key_file)
    jwks = public_jwks(key, prod.public_url)
    verifier = ReceiptVerifier(parse_jwks(jwks))
    given = Given(json.dumps(jwks), prod.public_url, prod.gateway_url)
    async with (
        make_pool(prod.database_url, max_size=12, application="lifecycle") as pool,
        HttpGateway(prod.gateway_url, prod.gateway_key) as gateway,
    ):
        provisioner = LocalProvisioner(prod.home, given, verifier, gateway)
        hand_back = HandBackService(
            PostgresLinks(clock),
            PostgresStaging(pool),
            PostgresPromotions(pool),
            PostgresReceipts(pool, prod.home.root / "receipts"),
            key,
            prod.public_url,
            clock,
        )
        smoke = EdgeSmoke(pool, prod.media_folder, key, prod.public_url, gateway, clock)
        hand_over = MallHandOver(pool, prod.media_folder)
        steps = Steps(provisioner, hand_over, smoke, PlaneDrain(clock), HandBackStep(hand_back))
        store = PostgresEnvironments(pool)
        service = EnvironmentService(store, provisioner, steps, LogNotifier(), clock)
        yield Lifecycle(service, store, provisioner, hand_back, verifier, Permits(key, prod.public_url))


def _window(environment: Environment, access: Access | None) -> Window:
    return Window(
        environment_id=environment.id,
        drop_slug=environment.drop_slug,
        database_url=access.database_url if access else "",
        commitment=environment.outputs.get("commitment", ""),
    )


def _summary(receipt: Receipt) -> str:
    promotion = receipt.claims["promotion"]
    return (
        f"receipt {receipt.kind}: {promotion['orders']} orders, {promotion['units_sold']} units sold, "
        f"{promotion['units_returned']} returned"
    )
