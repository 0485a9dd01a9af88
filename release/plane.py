"""The lifecycle of a drop over servers that stand already: all is real but making and removing processes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from release.shop import MALL, Keys, Servers

from marketday.accounts.tokens import parse_jwks, parse_signing_key, public_jwks
from marketday.apps.payment_gateway import open_gateway
from marketday.environments.ending import Ending
from marketday.environments.log import LogNotifier
from marketday.environments.model import Environment, Outcome, State
from marketday.environments.plane.closing import PlaneClosing
from marketday.environments.plane.drain import PlaneDrain
from marketday.environments.plane.hand_over import MallHandOver
from marketday.environments.plane.reaching import room_store
from marketday.environments.ports import Access, Done, Health
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.environments.steps import Steps
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.payments.ports import GatewayKeys
from marketday.rounds.hand_back import HandBackStep


class StandingPlane:
    """A `Provisioner` of servers that stand already; it stands for the local one and Terraform's."""

    def __init__(self, servers: Servers, keys: Keys, gateway: GatewayKeys, receipts: ReceiptVerifier) -> None:
        """Lead to these servers; the plane's key to the gateway is registered with `gateway`."""
        self._access = Access(servers.drop_owner, servers.valkey, "http://127.0.0.1:1", "event.example")
        self._key, self._gateway, self._receipts = keys.plane, gateway, receipts

    async def plan(self, environment: Environment) -> Sequence[str]:
        """Make nothing."""
        del environment
        return []

    async def apply(self, environment: Environment) -> Mapping[str, str]:
        """Register the plane's key."""
        holder = f"event-{environment.id}"
        await self._gateway.issue(holder, self._key)
        return {"public_url": "https://event.example", "payment_holder": holder}

    async def open_link(self, environment: Environment) -> None:
        """There is no link."""

    async def close_link(self, environment: Environment) -> None:
        """There is no link."""

    async def keep_up(self, environment: Environment) -> Sequence[str]:
        """Start nothing."""
        del environment
        return []

    async def health(self, environment: Environment) -> Sequence[Health]:
        """Know nothing."""
        del environment
        return []

    async def access(self, environment: Environment) -> Access:
        """Return the servers."""
        del environment
        return self._access

    async def destroy(self, environment: Environment, receipt: str) -> None:
        """Remove nothing, but only with a receipt."""
        self._receipts.check(receipt, environment.id)

    async def leftovers(self, environment_id: UUID) -> Sequence[str]:
        """Leave nothing."""
        del environment_id
        return []

    async def walk(self, environment: Environment, access: Access) -> Done:
        """Let people be the test: the smoke walk needs an edge."""
        del environment, access
        return Done("no smoke test here")


@dataclass(frozen=True, slots=True)
class Plane:
    """The lifecycle's parts."""

    service: EnvironmentService
    store: PostgresEnvironments
    steps: HandBackStep
    plane: StandingPlane
    receipts: ReceiptVerifier

    async def until(self, environment_id: UUID, state: State) -> Environment:
        """Do step after step until the environment has this state."""
        while True:
            progress = await self.service.advance(environment_id)
            if progress.environment.state is state:
                return progress.environment
            if progress.outcome is Outcome.FAILED:
                raise AssertionError(progress.environment.failure)

    async def end(self, environment: Environment) -> Environment:
        """Close, release what is held, hand back, verify, and destroy; return the environment with its receipt."""
        clock, said = SystemClock(), list[str]()
        ending = Ending(self.service, self.store, PlaneClosing(self.store, self.plane, clock), clock)
        standing = await ending.end(environment, said.append, "the test of an upgrade")
        assert standing is None, standing  # noqa: S101
        return await self.store.get(environment.id)


@asynccontextmanager
async def opened_plane(servers: Servers, keys: Keys, folder: Path) -> AsyncIterator[Plane]:
    """Connect the lifecycle of this version."""
    clock, key, issuer = SystemClock(), parse_signing_key(keys.signing), f"https://{MALL}"
    async with make_pool(servers.mall, max_size=8) as pool, open_gateway(servers.gateway, keys.merchant) as gateway:
        receipts = ReceiptVerifier(parse_jwks(public_jwks(key, issuer)))
        hand_back = HandBackStep(
            HandBackService(
                PostgresLinks(clock),
                PostgresStaging(pool, servers.mall),
                GatheredEvidence(pool, gateway, room_store, clock),
                PostgresPromotions(pool),
                PostgresReceipts(pool, folder / "receipts"),
                key,
                issuer,
                clock,
            )
        )
        plane = StandingPlane(servers, keys, gateway, receipts)
        steps = Steps(plane, MallHandOver(pool, folder), plane, PlaneDrain(clock), hand_back)
        store = PostgresEnvironments(pool)
        service = EnvironmentService(store, plane, steps, LogNotifier(), clock)
        yield Plane(service, store, hand_back, plane, receipts)
