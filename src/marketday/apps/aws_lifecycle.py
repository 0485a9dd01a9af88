"""The lifecycle for the mall's controller on AWS, which reaches both databases and opens the link between them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from marketday.accounts.tokens import load_signing_key, parse_jwks, public_jwks
from marketday.apps.aws import DONE_BY_LAMBDA, LINK_TAKES, OnAws
from marketday.apps.local_lifecycle import Lifecycle, MallSide
from marketday.apps.payment_gateway import open_gateway
from marketday.environments.extension_permit import Permits
from marketday.environments.model import Step
from marketday.environments.plane.drain import PlaneDrain
from marketday.environments.plane.hand_over import MallHandOver
from marketday.environments.plane.reaching import room_store
from marketday.environments.plane.smoke import EdgeSmoke
from marketday.environments.postgres.mirror import MirroredEnvironments
from marketday.environments.service import EnvironmentService
from marketday.environments.steps import Steps
from marketday.handback.dms import DmsCopier
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.secretsmanager import SecretPasswords
from marketday.handback.service import HandBackService
from marketday.kit.database import WORK_SECONDS, make_pool
from marketday.rounds.hand_back import HandBackStep

# Either process may do `open`, which only writes a record; the Lambda builds and removes.
DONE_BY_CONTROLLER = frozenset(Step) - DONE_BY_LAMBDA | {Step.OPEN}


@asynccontextmanager
async def open_aws_lifecycle(prod: MallSide, on_aws: OnAws) -> AsyncIterator[Lifecycle]:
    """Connect the parts: the run table is copied into the mall's database, DMS copies, and the copy is verified.

    It runs where both databases can be reached: in a database subnet of the prod plane, in the link's security group.

    Raises:
        OSError, ValueError: the signing key cannot be read.

    """
    clock, key = on_aws.clock, load_signing_key(prod.signing_key_file)
    keys = parse_jwks(public_jwks(key, prod.public_url))
    verifier = ReceiptVerifier(keys)
    passwords = SecretPasswords(on_aws.client("secretsmanager"))
    async with (
        make_pool(prod.database_url, max_size=12, application="lifecycle", seconds=WORK_SECONDS) as pool,
        make_pool(prod.database_url, max_size=4, application="lifecycle records") as records,
        open_gateway(prod.gateway_url, prod.gateway_key) as gateway,
    ):
        provisioner = on_aws.current_provisioner()
        staging = PostgresStaging(pool, prod.database_url, passwords.target)
        hand_back = HandBackService(
            PostgresLinks(clock, passwords.source),
            staging,
            GatheredEvidence(pool, gateway, room_store, clock),
            PostgresPromotions(pool),
            PostgresReceipts(pool),
            key,
            prod.public_url,
            clock,
            copier=DmsCopier(on_aws.client("dms"), staging),
        )
        smoke = EdgeSmoke(pool, prod.media_folder, key, prod.public_url, gateway, clock)
        hand_over = MallHandOver(pool, prod.media_folder)
        steps = Steps(provisioner, hand_over, smoke, PlaneDrain(clock), HandBackStep(hand_back))
        store = MirroredEnvironments(on_aws.store, records)
        service = EnvironmentService(
            store,
            provisioner,
            steps,
            on_aws.notifier,
            clock,
            wake_ups=on_aws.wake_ups,
            links=on_aws.links,
            does=DONE_BY_CONTROLLER,
            link_takes=LINK_TAKES,
        )
        yield Lifecycle(service, store, provisioner, hand_back, verifier, Permits(keys, key), on_aws.runs)
