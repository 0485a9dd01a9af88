"""Connects the lifecycle on this machine with its adapters: local provisioner, mall database, hand-back, receipts."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from marketday.accounts.tokens import SigningKey, load_signing_key, parse_jwks, public_jwks
from marketday.apps.payment_gateway import open_gateway
from marketday.cli.goods import GoodsOf
from marketday.drops.definition import DropDefinition
from marketday.drops.goods import Good
from marketday.drops.postgres.handover import read_goods
from marketday.environments.ending import Ending
from marketday.environments.extension_permit import Permits
from marketday.environments.log import LogNotifier
from marketday.environments.plane.closing import PlaneClosing
from marketday.environments.plane.drain import PlaneDrain
from marketday.environments.plane.hand_over import MallHandOver
from marketday.environments.plane.reaching import room_store, translated
from marketday.environments.plane.smoke import EdgeSmoke
from marketday.environments.ports import EnvironmentStore, Notifier, Provisioner
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.environments.steps import Steps
from marketday.environments.writing_off import WritingOff
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.service import HandBackService
from marketday.kit.clock import Clock, SystemClock
from marketday.kit.database import WORK_SECONDS, make_pool
from marketday.kit.extras import extra
from marketday.kit.languages import StaffLanguage
from marketday.provisioners.local.callers import NOBODY, Callers
from marketday.provisioners.local.earlier import earlier_addresses
from marketday.provisioners.local.errors import HomeUnusable
from marketday.provisioners.local.event_plane import Given
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import MallPlane
from marketday.provisioners.local.provisioner import LocalProvisioner
from marketday.provisioners.terraform.ports import RunStore
from marketday.rounds.hand_back import HandBackStep


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class MallSide:
    """The mall's addresses and secrets that the lifecycle needs everywhere; they are never logged."""

    database_url: str
    public_url: str
    signing_key_file: Path
    media_folder: Path | None
    gateway_url: str
    gateway_key: str
    slack_webhook: str = ""  # without one, notices go to the log
    language: StaffLanguage = StaffLanguage.KO  # of notices


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ProdSide(MallSide):
    """The same of a mall on this machine, with the folder that it shares with the event planes."""

    home: Home
    callers: Callers = NOBODY


def prod_side(plane: MallPlane) -> ProdSide:
    """Return what the lifecycle needs of a mall on this machine."""
    return ProdSide(
        home=plane.home,
        database_url=plane.database_url,
        public_url=plane.public_url,
        signing_key_file=plane.signing_key_file,
        media_folder=plane.media_folder,
        gateway_url=plane.gateway_url,
        gateway_key=plane.gateway_key,
        callers=plane.callers,
    )


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The parts with which environments are moved through their day."""

    service: EnvironmentService
    store: EnvironmentStore
    provisioner: Provisioner
    hand_back: HandBackService
    receipts: ReceiptVerifier
    permits: Permits
    runs: RunStore | None = None  # Terraform's runs, if Terraform makes the environments
    outlook: None = None  # this machine has no quotas
    previews: None = None  # a branch has a home of its own here: `marketday up --branch`
    goods: GoodsOf | None = None  # the mall's goods, if an operator's commands reach its database

    writing_off: WritingOff | None = None  # gives up environments whose servers are lost

    @property
    def ending(self) -> Ending:
        """Ends environments before their time."""
        clock = SystemClock()
        return Ending(self.service, self.store, PlaneClosing(self.store, self.provisioner, clock), clock)


@asynccontextmanager
async def open_lifecycle(prod: ProdSide) -> AsyncIterator[Lifecycle]:
    """Connect the parts of the lifecycle; its database need not be available yet.

    Raises:
        HomeUnusable: the signing key cannot be read.

    """
    clock, key = SystemClock(), _signing_key(prod.signing_key_file)
    jwks = public_jwks(key, prod.public_url)
    keys = parse_jwks(jwks)
    verifier = ReceiptVerifier(keys, earlier_addresses(prod.home.mall.path))
    given = Given(json.dumps(jwks), prod.public_url, prod.gateway_url, prod.callers)
    async with (
        make_pool(prod.database_url, max_size=12, application="lifecycle", seconds=WORK_SECONDS) as pool,
        make_pool(prod.database_url, max_size=4, application="lifecycle records") as records,
        open_gateway(prod.gateway_url, prod.gateway_key) as gateway,
    ):
        provisioner = LocalProvisioner(prod.home, given, verifier, gateway)
        hand_back = HandBackService(
            PostgresLinks(clock),
            PostgresStaging(pool, prod.database_url),
            GatheredEvidence(pool, gateway, room_store, clock),
            PostgresPromotions(pool),
            PostgresReceipts(pool, prod.home.root / "receipts"),
            key,
            prod.public_url,
            clock,
        )
        smoke = EdgeSmoke(pool, prod.media_folder, key, prod.public_url, gateway, clock)
        hand_over = MallHandOver(pool, prod.media_folder)
        steps = Steps(provisioner, hand_over, smoke, PlaneDrain(clock), HandBackStep(hand_back))
        store = PostgresEnvironments(records)
        service = EnvironmentService(store, provisioner, steps, _notifier(prod, clock), clock)

        async def goods_of(definition: DropDefinition) -> dict[str, Good]:
            with translated():
                return await read_goods(pool, [product.sku for product in definition.products], definition.slug)

        writing_off = WritingOff(store, provisioner, HandBackStep(hand_back), clock)
        yield Lifecycle(
            service,
            store,
            provisioner,
            hand_back,
            verifier,
            Permits(keys, key),
            goods=goods_of,
            writing_off=writing_off,
        )


def _notifier(prod: MallSide, clock: Clock) -> Notifier:
    if not prod.slack_webhook:
        return LogNotifier()
    with extra("aws"):
        from marketday.environments.slack import SlackNotifier  # noqa: PLC0415 - of an extra

    async def webhook() -> str:
        return prod.slack_webhook

    return SlackNotifier(webhook, prod.language, clock)


def _signing_key(file: Path) -> SigningKey:
    try:
        return load_signing_key(file)
    except (OSError, ValueError) as error:
        raise HomeUnusable(f"{file}: {error}; expected the mall's private key, as `marketday up` made it") from None
