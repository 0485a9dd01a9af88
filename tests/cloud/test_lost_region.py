"""Seoul is lost: the mall and a running drop's money are brought back in Tokyo, from copies and the repository."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import pytest

from marketday.accounts.tokens import load_signing_key, parse_jwks, public_jwks
from marketday.apps.payment_gateway import open_gateway
from marketday.drops.postgres.handover import lend
from marketday.environments.facts import drop_facts
from marketday.environments.model import requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.handback.postgres.staging import PostgresReceipts
from marketday.handback.receipt import ReceiptVerifier, sign
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.payments.ports import MALL_GROUP, Purpose
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.recovery.model import StepName
from marketday.testing.accounts import ed25519_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.rows import PRICE_MINOR, add_accounts, add_product
from marketday.testing.sales import SKU, drop_of, item_of, sell_drop

from .emulated import EmulatedAws, shared_emulator
from .restored_rows import CopiedRows, rows_of
from .two_regions import DROP_DATABASE, SEOUL, TOKYO, Clone, a_clone, build_seoul

ISSUER, HOLDER, MERCHANT_KEY = "https://mall.example.com", "event-of-the-dawn", "the-key-of-the-merchant"
MALL_DATABASE = "marketday-prod"
KILL_SECONDS, WAIT_SECONDS = 900, 120


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """One of its own: two regions of stacks make thousands of calls, and the shared one answers one call at a time."""
    with shared_emulator(tmp_path_factory.mktemp("aws")) as emulated:
        yield emulated


@dataclass
class Shop:
    """The mall and a drop that is open, in real databases; and the gateway, which is outside of the region."""

    mall_url: str
    drop_url: str
    gateway_url: str
    key_file: Path
    key: Any
    environment: UUID = field(default_factory=new_id)
    receipt: str = ""
    lost: list[UUID] = field(default_factory=list)

    async def sell(self) -> None:
        """Fill both databases: an old receipt, products, people, and seven orders of the drop, paid at the gateway."""
        mall, drop = await create_pool(self.mall_url, max_size=4), await connect(self.drop_url)
        now = datetime.now(UTC).replace(microsecond=0)
        opens_at = now - timedelta(seconds=3)
        hours = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=1)}
        definition = dawn_serum().model_copy(update=hours)
        store = PostgresEnvironments(mall)
        earlier = dawn_serum().model_copy(update={"slug": "earlier", **hours})
        past = requested(new_id(), earlier, earlier.schedule())
        await store.add(past)
        signed = sign(self.key, ISSUER, past.id, {"kind": "handed-back", "promotion": {"orders": 3}}, now)
        self.receipt = (await PostgresReceipts(mall).put(signed)).token
        running = requested(self.environment, definition, definition.schedule())
        await add_product(mall, SKU, stock=100)
        people = await add_accounts(mall, 7)
        facts = drop_of(opens_at)
        commitment = await sell_drop(drop, people, opens_at, stock=20)
        promised = drop_facts(definition, running.schedule)
        await drop.execute(
            "UPDATE drops SET room_opens_at = $1, rates = $2, zone = $3",
            *(promised.room_opens_at, promised.rates, promised.zone),
        )
        await store.add(running)
        outputs = {"commitment": commitment, "payment_holder": HOLDER}
        await store.save(replace(await store.get(running.id), outputs=outputs), None)
        await lend(mall, self.environment, [item_of(20)])
        rows = await drop.fetch(
            "SELECT p.*, r.sku, r.quantity FROM payments p JOIN reservations r ON r.id = p.reservation_id"
        )
        for row in rows:
            goods = f"{row['sku']} x {row['quantity']}"
            await self.pay(row["id"], HOLDER, Purpose(facts.slug, row["person_id"], row["reservation_id"], goods))
        await drop.close()
        await mall.close()

    async def pay(self, reference: UUID, holder: str | None, purpose: Purpose) -> None:
        """Take money at the gateway, with the drop's own key or with the merchant's."""
        key = "the-key-of-this-drop-alone" if holder else MERCHANT_KEY
        if holder is not None:
            async with open_gateway(self.gateway_url, MERCHANT_KEY) as merchant:
                await merchant.issue(holder, key)
        async with open_gateway(self.gateway_url, key) as gateway:
            await gateway.authorise(reference, PRICE_MINOR, "KRW", "card_ok", purpose)
            await gateway.capture(reference)

    async def sell_after_the_copy(self) -> None:
        """One order of the drop and one of the mall, both paid; no copy has them."""
        for holder, group in ((HOLDER, "dawn-serum"), (None, MALL_GROUP)):
            self.lost.append(new_id())
            await self.pay(self.lost[-1], holder, Purpose(group, new_id(), new_id(), f"{SKU} x 1"))

    async def states(self) -> list[str]:
        """What the gateway has of the payments that no copy has."""
        async with open_gateway(self.gateway_url, MERCHANT_KEY) as merchant:
            found = [await merchant.lookup(each) for each in self.lost]
        return [each.state.value for each in found if each]


@contextmanager
def a_gateway(folder: Path) -> Iterator[str]:
    [port] = free_ports(1)
    settings = {"PORT": str(port), "DATABASE_FILE": str(folder / "books.sqlite"), "GATEWAY_KEY": MERCHANT_KEY}
    with a_process("marketday.apps.sandbox", settings, port, folder):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def a_process(module: str, settings: dict[str, str], port: int, folder: Path) -> Iterator[None]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    environment |= {f"MARKETDAY_{name}": value for name, value in settings.items()}
    log = (folder / f"{module}.log").open("wb")
    with log, subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=log, stderr=log) as running:
        try:
            deadline = time.monotonic() + WAIT_SECONDS
            while not answers(f"http://127.0.0.1:{port}/healthz"):
                said = (folder / f"{module}.log").read_text("utf-8")[-2000:]
                assert running.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.2)
            yield
        finally:
            running.terminate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as got:  # noqa: S310
            return int(got.status) == 200
    except OSError:
        return False


def copies(clone: Clone) -> dict[str, str]:
    """The ARNs of the copies in Tokyo, by their databases."""
    told = clone.account.client("rds", TOKYO).describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    return {each["DBInstanceIdentifier"]: each["DBInstanceAutomatedBackupsArn"] for each in told}


def killed_while(clone: Clone, words: str, *, with_terraform: bool) -> None:
    """Start a recovery, and kill it with SIGKILL when it says something; its Terraform too, or not."""
    with clone.start("run") as running:
        said, deadline = [], time.monotonic() + KILL_SECONDS
        assert running.stdout
        for line in running.stdout:
            said.append(line)
            if re.search(words, line) or time.monotonic() > deadline:
                break
        children = children_of(running.pid)
        running.send_signal(signal.SIGKILL)
        for each in children if with_terraform else ():
            os.kill(each, signal.SIGKILL)
    assert re.search(words, said[-1]), said


def children_of(parent: int) -> list[int]:
    return [each.pid for each in psutil.Process(parent).children(recursive=True)]


def until_it_may(clone: Clone, *words: str) -> str:
    """Repeat a command as the page says, while the Terraform of one that was killed works to its end."""
    deadline = time.monotonic() + KILL_SECONDS
    while True:
        said = clone.recover(*words, fine=(0, 1))
        if "Another recovery is under way" not in said:
            return said
        assert time.monotonic() < deadline, said
        time.sleep(2)


@pytest.mark.long
def test_a_lost_region_is_recovered_from_copies_and_the_repository(
    account, terraform, tmp_path, postgres_server, mall_database_url, drop_database_url, valkey_url
):
    clone = a_clone(tmp_path / "site", account, terraform)
    build_seoul(clone, terraform)
    key_file = tmp_path / "signing-key.json"
    key_file.write_text(ed25519_key())
    key = load_signing_key(key_file)
    rows = CopiedRows(postgres_server, tmp_path)
    with a_gateway(tmp_path) as gateway_url:
        shop = Shop(mall_database_url, drop_database_url, gateway_url, key_file, key)
        asyncio.run(shop.sell())
        before = {name: asyncio.run(rows_of(url)) for name, url in (("mall", shop.mall_url), ("drop", shop.drop_url))}
        arns = copies(clone)
        rows.copy(arns[MALL_DATABASE], shop.mall_url)
        rows.copy(arns[DROP_DATABASE], shop.drop_url)
        copied_to = (datetime.now(UTC) + timedelta(seconds=1)).replace(microsecond=0)
        for name in (MALL_DATABASE, DROP_DATABASE):
            account.set_backup(name, TOKYO, copied_to.isoformat())
        time.sleep(1)  # the payments below are later than the copy's moment, which is whole seconds
        asyncio.run(shop.sell_after_the_copy())

        assert "ap-northeast-2 answers" in clone.recover("plan", fine=(1,))
        account.lose(SEOUL)
        what_is_missing_is_named(clone)
        lost_and_found(clone)
        with rows.restored(account, TOKYO, MALL_DATABASE) as mall_url:
            assert asyncio.run(rows_of(mall_url)) == before["mall"]
            with rows.restored(account, TOKYO, f"{DROP_DATABASE}-recovered") as drop_url:
                assert asyncio.run(rows_of(drop_url)) == before["drop"]
                money_comes_back(clone, shop, mall_url, drop_url, copied_to)
            the_mall_sells(shop, mall_url, valkey_url, tmp_path)
        what_comes_back_is_refused(clone)


def what_is_missing_is_named(clone: Clone) -> None:
    """An image whose copy misses one digest, and a secret that is not there."""
    ecr = clone.account.client("ecr", TOKYO)
    [image] = ecr.batch_get_image(repositoryName="marketday/gate", imageIds=[{"imageTag": "0123456789abcdef0123" * 2}])[
        "images"
    ]
    ecr.batch_delete_image(repositoryName="marketday/gate", imageIds=[image["imageId"]])
    said = clone.recover("plan", fine=(1,))
    assert re.search(r"✗ image marketday/gate: \w+ is not in ap-northeast-1", said)
    assert "1 thing missing" in said
    refused = clone.recover("run", fine=(1,))
    assert "image marketday/gate" in refused
    assert "fence: begins" not in refused
    ecr.put_image(
        repositoryName="marketday/gate", imageManifest=image["imageManifest"], imageTag=image["imageId"]["imageTag"]
    )
    assert "0 things missing" in clone.recover("plan")


def lost_and_found(clone: Clone) -> None:
    """Killed alone, then with its Terraform as if the machine had died, in the middle of an apply; then repeated."""
    killed_while(clone, r" permanent: \d+ to make", with_terraform=False)
    until_it_may(clone, "plan")
    killed_while(clone, r" prod: [1-9]\d* of \d+ ready", with_terraform=True)
    said = until_it_may(clone, "run")
    assert "RPO: " in said, said[-3000:]
    again = clone.recover("run")
    assert len(re.findall(": was done already", again)) == len(StepName), again
    sys.stdout.write(said)  # the times, for people


def money_comes_back(clone: Clone, shop: Shop, mall_url: str, drop_url: str, copied_to: datetime) -> None:
    """What the copies have is handed back, with a receipt; only what was paid after them is given back."""
    settings = {
        "MARKETDAY_DATABASE_URL": mall_url,
        "MARKETDAY_DROP_DATABASE_URL": drop_url,
        "MARKETDAY_PUBLIC_URL": ISSUER,
        "MARKETDAY_SIGNING_KEY_FILE": str(shop.key_file),
        "MARKETDAY_GATEWAY_URL": shop.gateway_url,
        "MARKETDAY_GATEWAY_KEY": MERCHANT_KEY,
    }

    def money(*words: str) -> str:
        argv = [
            sys.executable,
            "-m",
            "marketday.apps.command",
            "recovery",
            "money",
            "--copied-to",
            copied_to.isoformat(),
        ]
        done = subprocess.run(
            [*argv, *words], env=clone.environment(**settings), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    drop = ("--drop", str(shop.environment))
    assert "1 of them hold money" in money(*drop)
    assert asyncio.run(shop.states()) == ["captured", "captured"]
    assert "receipt handed-back: 7 orders, 7 units sold" in money(*drop, "--give-back")
    assert asyncio.run(shop.states()) == ["refunded", "captured"]
    assert "given back: 1" in money("--give-back")
    assert "given back: 0" in money("--give-back")
    assert "receipt handed-back: 7 orders" in money(*drop, "--give-back")
    assert asyncio.run(shop.states()) == ["refunded", "refunded"]
    asyncio.run(receipts_verify(shop, mall_url))


async def receipts_verify(shop: Shop, mall_url: str) -> None:
    """The one of before, and the one that Tokyo signed; with the money that was given back in it."""
    verifier = ReceiptVerifier(parse_jwks(public_jwks(shop.key, ISSUER)))
    mall = await create_pool(mall_url, max_size=2)
    tokens = {row["environment_id"]: row["token"] for row in await mall.fetch("SELECT * FROM receipts")}
    assert shop.receipt in tokens.values()
    found = {environment: verifier.read(token) for environment, token in tokens.items()}
    assert found[shop.environment].claims["recovered"]["payments_given_back"] == 1
    assert await mall.fetchval("SELECT count(*) FROM orders WHERE origin = 'dawn-serum' AND state = 'paid'") == 7
    assert await mall.fetchval("SELECT stock FROM variants") == 93
    await mall.close()


def the_mall_sells(shop: Shop, mall_url: str, valkey_url: str, folder: Path) -> None:
    """The mall's own process answers from the restored database."""
    [port] = free_ports(1)
    settings = {
        "PORT": str(port),
        "DATABASE_URL": mall_url,
        "VALKEY_URL": valkey_url,
        "PUBLIC_URL": ISSUER,
        "SIGNING_KEY_FILE": str(shop.key_file),
        "GATEWAY_URL": shop.gateway_url,
        "GATEWAY_KEY": MERCHANT_KEY,
    }
    with a_process("marketday.apps.mall", settings, port, folder):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/products", headers={"Host": urlsplit(ISSUER).netloc}
        )
        with urllib.request.urlopen(asked, timeout=10) as got:  # noqa: S310
            assert SKU in got.read().decode()


def what_comes_back_is_refused(clone: Clone) -> None:
    """Seoul answers again: everything stops, its roles are fenced; and the fence can be taken away."""
    clone.account.lose(SEOUL, lost=False)
    assert "ap-northeast-2 answers" in clone.recover("run", fine=(1,))
    assert "was done already" in clone.recover("run", "--although-it-answers")
    iam = clone.account.client("iam")
    fence = "marketday-fence-ap-northeast-2"
    denied = iam.get_role_policy(RoleName="marketday-lifecycle", PolicyName=fence)["PolicyDocument"]["Statement"]
    assert [(one["Effect"], one["Condition"]["StringEquals"]["aws:RequestedRegion"]) for one in denied] == [
        ("Deny", SEOUL)
    ]
    clone.recover("unfence")
    assert fence not in iam.list_role_policies(RoleName="marketday-lifecycle")["PolicyNames"]
