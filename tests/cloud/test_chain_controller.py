"""A whole day on AWS: the function and the mall's controller move one environment, over real databases and services."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import boto3
import pytest

from marketday.accounts.tokens import sign_identity
from marketday.apps import aws
from marketday.apps.aws_lifecycle import open_aws_lifecycle
from marketday.apps.local_lifecycle import MallSide
from marketday.drops.definition import ScheduleOverrides
from marketday.environments.closing_request import ask_to_close
from marketday.environments.errors import NoReceipt
from marketday.environments.model import Environment, Outcome, State, Step
from marketday.environments.plane.smoke_walk import SmokeWalk
from marketday.environments.ports import Access
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.sweep.finders import FINDERS
from marketday.rounds.environments import tend
from marketday.rounds.hand_back import RecordedReceipts
from marketday.testing.definitions import dawn_serum
from marketday.testing.rows import add_accounts, add_product, mall_stock
from marketday.testing.terraform_program import StandIn

from .build_host import a_machine, make_keys, repository_of
from .chain_stacks import EVENT
from .day_servers import MERCHANT_KEY, Servers, day_servers
from .emulated import REGION
from .lifecycle_account import ARN, FACTS, ISSUER, STACK, TABLE, Chain, Drop, a_slack
from .made_stacks import MadeStacks

SLUG, SKU, STOCK = "dawn-serum", "DAWN-SERUM-30", 400
PROD = {
    "vpc_id": "vpc-prod",
    "vpc_cidr": "10.0.0.0/16",
    "host": "mall.example.com",
    "name": "mall",
    "security_group_id": "sg-mall",
    "subnet_ids": ["subnet-a", "subnet-c"],
    "subnet_cidrs": ["10.0.0.0/24", "10.0.1.0/24"],
    "route_table_ids": ["rtb-mall"],
}
DMS = {"replication instance", "replication endpoint", "replication task"}
LOOKED_FOR = {"instance", "schedule", "secret", *DMS}
LONGEST_SECONDS = 150
PROGRAM = Path(__file__).with_name("killed_controller.py")
MALL_SIDE = ("database_url", "public_url", "signing_key_file", "gateway_url", "gateway_key")


def done(step):
    return lambda record: step in record.done


@dataclass
class Day:
    """One day on AWS."""

    chain: Chain
    drop: Drop
    servers: Servers
    stacks: MadeStacks
    mall: Any
    mall_side: MallSide

    def settings(self) -> aws.Settings:
        return aws.Settings().model_copy(update={"lifecycle_function_arn": ARN})

    def controller(self):
        """Open a controller, as a pod of its own would."""
        return open_aws_lifecycle(self.mall_side, aws.OnAws(self.settings(), self.chain.site))

    async def until(self, reached: Callable[[Environment], bool], *controllers: Any) -> Environment:
        """Let the function and the controllers work, as schedules and rounds let them, until the record is so."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            record = await asyncio.to_thread(lambda: self.drop.record)
            assert record.state is not State.FAILED, record.failure
            if reached(record):
                return record
            await asyncio.to_thread(self.drop.wake)
            await asyncio.gather(*(tend(each.service, self.drop.id) for each in controllers))
            await asyncio.to_thread(self.drop.run_ends)
            await asyncio.sleep(0.2)
        raise AssertionError(f"it was not reached: {record.last}")

    @property
    def linked(self) -> bool:
        """Whether the stack `link` exists."""
        return (str(self.drop.id), "link") in self.stacks.made

    async def buy(self, person: Any) -> None:
        """Buy one unit as a shopper."""
        token = sign_identity(self.chain.key, person, ISSUER, SystemClock().now())
        access = Access("", "", self.servers.public_url, urlsplit(self.servers.public_url).netloc)
        async with aiohttp.ClientSession() as session:
            await SmokeWalk(session, access, SLUG, token, 30).buy(SKU)


@pytest.fixture
def few_finders(monkeypatch):
    """Look only for what these stacks have."""
    few = [each for each in FINDERS if each.kind in LOOKED_FOR]
    assert {each.kind for each in few} == LOOKED_FOR
    for known in ("aws.FINDERS", "tagging.PLANE_FINDERS"):
        monkeypatch.setattr(f"marketday.provisioners.sweep.{known}", few)


@pytest.fixture
def drop_urls(drop_database_url, store_database_url, worker_database_url):
    """The addresses of one drop database, by role."""
    return {"owner": drop_database_url, "store": store_database_url, "worker": worker_database_url}


@pytest.fixture
async def day(account, wired, few_finders, tmp_path, mall_database_url, drop_urls, valkey_url):
    """A day whose environment is requested, and whose waiting room opens in some seconds."""
    tools = StandIn(_made(tmp_path / "tools"))
    repository, commit = repository_of(tmp_path / "theirs", "infra/terraform/event/main.tf", EVENT)
    variables = {**account.environment, "PATH": f"{tools.folder}:{os.environ['PATH']}"}
    public = await make_keys(account)
    with a_slack() as slack, a_machine(account, tmp_path, public, variables) as machine:
        chain = wired(Chain(machine, str(repository), commit, slack))
        key_file = tmp_path / "key.json"
        key_file.write_text(json.dumps(chain.key.as_dict(private=True)))
        async with day_servers(tmp_path, chain.key, ISSUER, drop_urls, valkey_url) as servers:
            stacks = MadeStacks(account, servers, mall_database_url)
            facts = {**FACTS, "prod": PROD, "database_ca_pem": servers.ca_pem}
            chain.put_parameter(STACK, facts)
            mall = await create_pool(mall_database_url, max_size=4)
            await add_product(mall, SKU, stock=1000)
            side = MallSide(
                database_url=mall_database_url,
                public_url=ISSUER,
                signing_key_file=key_file,
                media_folder=None,
                gateway_url=servers.gateway_url,
                gateway_key=MERCHANT_KEY,
            )
            with stacks.standing_in(tools.folder):
                yield Day(chain, await _requested(chain), servers, stacks, mall, side)
            await mall.close()


def _made(folder):
    folder.mkdir()
    return folder


async def _requested(chain):
    now = chain.clock.now().replace(microsecond=0)
    opens_at = now + timedelta(seconds=8)
    day = ScheduleOverrides(build_at=now, room_opens_at=opens_at, destroy_at=now + timedelta(hours=3))
    changed = {
        "slug": SLUG,
        "opens_at": opens_at,
        "closes_at": opens_at + timedelta(hours=2),
        "schedule_overrides": day,
    }
    operator = chain.operator()
    requested = await operator.lambda_service().request(dawn_serum().model_copy(update=changed))
    return Drop(chain, requested.id, day)


@pytest.mark.long
async def test_a_day_from_its_request_to_an_empty_sweep(day):
    people = await add_accounts(day.mall, 4)
    async with day.controller() as one, day.controller() as other:
        await day.until(done(Step.SMOKE), one, other)
        assert (await mall_stock(day.mall))[SKU] == 1000 - STOCK
        await day.until(lambda _: not day.linked, one, other)
        opened = await day.until(done(Step.OPEN), one, other)
        await asyncio.gather(*map(day.buy, people[:3]))
        with pytest.raises(NoReceipt):
            await day.chain.operator().lambda_service().destroy(day.drop.id)

        day.chain.clock.reach(opened.schedule.opens_at + timedelta(hours=1))
        await day.until(lambda record: record.windows == 1, one, other)
        await day.until(lambda _: not day.linked, one, other)
        await day.buy(people[3])

        day.stacks.lost = "DELETE FROM {schema}.entries WHERE index = 0"
        day.chain.clock.reach(opened.schedule.closes_at)
        handed_back = await day.until(done(Step.HAND_BACK), one, other)
        assert day.linked or day.drop.runs[-1][0] == "destroy"
        day.chain.clock.reach(handed_back.schedule.destroy_at)
        destroyed = await day.until(done(Step.DESTROY), one, other)

    await check_the_mall(day, destroyed)
    assert day.stacks.copies == ["start-replication", "start-replication", "reload-target"]
    assert (day.stacks.made, day.stacks.links) == ({}, 3)
    proofs = {path.split("/")[3].partition("-")[0]: had for path, had in day.servers.requests if "/drops/" in path}
    assert proofs == {"smoke": True, "dawn": False}
    steps = await one.store.steps(day.drop.id)
    assert [each.step for each in steps if each.outcome is Outcome.DONE] == list(Step)
    assert [each for each in steps if each.outcome is Outcome.FAILED] == []
    assert day.chain.slack.said("failed") == []
    assert day.drop.schedules == {}
    left = await AwsSweep(boto3.Session().client, [REGION]).leftovers(day.drop.id)
    assert [str(each) for each in left if each.blocks] == []


@pytest.mark.long
async def test_a_drop_that_an_operator_closes_early_is_handed_back_and_destroyed_at_once(day):
    people = await add_accounts(day.mall, 4)
    async with day.controller() as one, day.controller() as other:
        opened = await day.until(done(Step.OPEN), one, other)
        await asyncio.gather(*map(day.buy, people))
        await ask_to_close(day.chain.operator().store, day.drop.id, "bora")
        destroyed = await day.until(done(Step.DESTROY), one, other)
        steps = await one.store.steps(day.drop.id)
    assert destroyed.schedule.closes_at == destroyed.definition.closes_at < opened.schedule.closes_at
    await check_the_mall(day, destroyed)
    assert [each for each in steps if each.outcome is Outcome.FAILED or each.step is Step.WINDOW] == []
    assert (day.stacks.made, day.chain.slack.said("failed"), day.drop.schedules) == ({}, [], {})


async def check_the_mall(day, destroyed):
    """The orders are in the mall, the rest of the stock is back, and the receipt that the function read says so."""
    receipt = await RecordedReceipts(day.chain.operator().store, await day.chain.operator().receipts()).receipt(
        destroyed.id
    )
    sold, returned = 4, STOCK - 4
    assert receipt.claims["promotion"] == {
        "orders": sold, "units_lent": STOCK, "units_sold": sold, "units_returned": returned
    }  # fmt: skip
    assert await day.mall.fetchval("SELECT count(*) FROM orders") == sold
    assert (await mall_stock(day.mall))[SKU] == 1000 - sold
    states = await day.mall.fetch("SELECT DISTINCT state FROM environments")
    assert [row["state"] for row in states] == ["destroyed"]
    roles = await day.mall.fetch("SELECT rolname FROM pg_roles WHERE rolname LIKE '%' || $1", destroyed.id.hex)
    assert roles == []


@pytest.mark.long
async def test_a_controller_that_is_killed_at_each_step_is_followed_by_another(day, tmp_path):
    people = await add_accounts(day.mall, 4)
    async with mortal_controllers(day, tmp_path) as play:
        await play(Step.HAND_OVER, Step.SMOKE)
        opened = await day.until(done(Step.OPEN))
        await asyncio.gather(*map(day.buy, people))
        day.chain.clock.reach(opened.schedule.opens_at + timedelta(hours=1))
        await play(Step.WINDOW)
        await day.until(lambda _: not day.linked)
        day.chain.clock.reach(opened.schedule.closes_at)
        await play(Step.DRAIN, Step.HAND_BACK)
    handed_back = await day.until(done(Step.HAND_BACK))
    day.chain.clock.reach(handed_back.schedule.destroy_at)
    destroyed = await day.until(done(Step.DESTROY))
    async with day.controller() as last:
        assert await last.store.living() == []  # with which its rounds begin: the mall's copy is right again
    await check_the_mall(day, destroyed)
    assert (day.stacks.made, day.chain.slack.said("failed"), day.drop.schedules) == ({}, [], {})
    steps = await day.chain.operator().store.steps(day.drop.id)
    assert [each.step for each in steps if each.outcome is Outcome.DONE] == list(Step)


@asynccontextmanager
async def mortal_controllers(day, folder):
    """`await play(*steps)`: at each step one controller is killed at its begin, another before its end is recorded.

    The last one lives until the last step is done.
    """
    given = folder / "controllers.json"
    mall = {name: str(getattr(day.mall_side, name)) for name in MALL_SIDE} | {"media_folder": None}
    runs = str(day.chain.machine.folder / "runs")
    given.write_text(json.dumps({"mall": mall, "sshd_port": day.chain.machine.sshd.port, "runs_folder": runs}))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PROGRAM), str(given)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROGRAM.parents[2]), "MARKETDAY_LIFECYCLE_FUNCTION_ARN": ARN},
        start_new_session=True,
    )

    async def one(step, moment):
        line = [str(day.drop.id), step, moment, day.chain.clock.more.total_seconds()]
        process.stdin.write(f"{json.dumps(line)}\n".encode())
        answer = asyncio.create_task(process.stdout.readline())
        await day.until(lambda _: answer.done())
        return int(await answer)

    async def play(*steps):
        for step, moment in product(steps, ("started", "effect")):
            assert await one(step, moment) == -signal.SIGKILL, (step, moment)
            lease_ends(day)
        assert await one(steps[-1], "") == 0

    try:
        yield play
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with a controller that is not at its end
        await process.wait()


def lease_ends(day):
    """Let the lease of the one that was killed end, as it would after ninety seconds."""
    key = {"pk": {"S": "lock"}, "sk": {"S": str(day.drop.id)}}
    day.chain.machine.client("dynamodb").delete_item(TableName=TABLE, Key=key)
