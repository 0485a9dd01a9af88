"""This version reads all that the last release has left: rows, definitions, tokens, receipts, the room in Valkey.

Each case below changes one thing as a careless version would, and must be noticed.
"""

import base64
import json

import asyncpg
import pytest
from redis import Redis
from release.keep import ENDED, FEW, MANY, OPEN

from marketday.accounts import tokens as identities
from marketday.accounts.checked import CheckedIdentities
from marketday.accounts.tokens import parse_jwks, parse_signing_key, public_jwks
from marketday.drops.definition import DropDefinition, load
from marketday.environments.dynamodb import store as dynamodb
from marketday.environments.model import State
from marketday.environments.plane.reaching import room_store
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.handback import receipt as receipts
from marketday.handback.postgres.staging import PostgresReceipts
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit import files
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.migrations import migrate
from marketday.provisioners.terraform import dynamodb as runs
from marketday.testing.drops import Shop as DropShop
from marketday.waitingroom import records
from marketday.waitingroom import tokens as admissions


async def upgraded(restored):
    """Apply this version's migrations, which must all fit."""
    for name, url in (("mall", restored.servers.mall), ("drop", restored.servers.drop_owner)):
        await migrate(url, files.sql_folder(name))


async def read_everything(restored):
    """Read what the release has left, with this version's code; raise what a part raises that does not know it."""
    facts, keys = restored.kept.facts, restored.keys
    assert load(restored.kept.folder / "drop.toml").slug == OPEN
    read_run_table(restored)
    public = parse_jwks(public_jwks(parse_signing_key(keys.signing), "https://mall.example"))
    person = CheckedIdentities(public, SystemClock()).of(facts["identity"]).person_id
    key = admissions.key_from_hex(keys.admission)
    admissions.verify(key, facts["admission_token"], OPEN, SystemClock().now()).require_person(person)
    async with make_pool(restored.servers.mall) as mall:
        environments = {one.drop_slug: one for one in await PostgresEnvironments(mall).all()}
        assert {name: one.state for name, one in environments.items()} == {ENDED: State.DESTROYED, OPEN: State.OPEN}
        assert environments[OPEN].windows == 1
        kept = await PostgresReceipts(mall, restored.folder / "receipts").get(environments[ENDED].id)
        ReceiptVerifier(public).check(kept.token, environments[ENDED].id)
        paid = await mall.fetch("SELECT id FROM orders WHERE state = 'paid'")
        assert len(paid) == 4
    async with room_store(restored.servers.valkey) as rooms:
        room = await rooms.snapshot(OPEN, SystemClock().now())
        assert (room.entries, room.facts.name_ko) == (12, "두 번째")
        standing = await rooms.standing(OPEN, person, SystemClock().now())
        assert standing.entry is not None
        assert standing.admitted is not None
    drop = await asyncpg.connect(restored.servers.drop_owner)
    try:
        assert await DropShop(drop).broken_sums() == []
        states = await drop.fetch("SELECT DISTINCT state FROM reservations")
        assert {row["state"] for row in states} == {"held", "confirmed", "released", "expired"}
        assert {row["state"] for row in await drop.fetch("SELECT state FROM orders")} == {"paid", "refunded"}
        stock = {row["sku"]: (row["total"], row["reserved"], row["sold"]) for row in await drop.fetch("TABLE stock")}
        assert stock == {MANY: (500, 2, 1), FEW: (2, 2, 0)}
        assert await drop.fetchval("SELECT count(*) FROM standbys") == 2
    finally:
        await drop.close()


async def test_this_version_reads_all_that_the_last_release_has_left(restored):
    await upgraded(restored)
    await read_everything(restored)


def read_run_table(restored):
    """Read what the run table on AWS has of an environment and of a run of Terraform."""
    items = json.loads((restored.kept.folder / "run_table.json").read_text("utf-8"))
    environment = dynamodb._environment(items["environment"], ())
    assert (environment.drop_slug, environment.state, environment.windows) == (OPEN, State.OPEN, 1)
    run = runs._run({**items["run"], "body": base64.b64decode(items["run"]["body"])})
    assert (run.environment_id, run.changes, run.outputs) == (
        environment.id,
        ("+ aws_vpc.this",),
        {"address": "https://x"},
    )


def execute(database, statement):
    async def change(restored, monkeypatch):
        connection = await asyncpg.connect(getattr(restored.servers, database))
        await connection.execute(statement)
        await connection.close()

    return change


def another_version_of_admissions(restored, monkeypatch):
    monkeypatch.setattr(admissions, "_VERSION", 3)


def another_type_of_receipts(restored, monkeypatch):
    monkeypatch.setattr(receipts, "TYPE", "marketday-receipt-2+jwt")


def another_audience(restored, monkeypatch):
    monkeypatch.setattr(identities, "AUDIENCE", "marketday-2")


def a_field_less_in_the_room(restored, monkeypatch):
    with Redis.from_url(restored.servers.valkey) as client:
        assert client.hdel(f"room:{{{OPEN}}}:facts", "name_ko") == 1


def another_form_of_admissions_in_the_room(restored, monkeypatch):
    monkeypatch.setattr(records, "admitted_from_text", lambda text: records.Admitted(*text.split(";")))


def a_new_value_that_a_definition_needs(restored, monkeypatch):
    def from_json(value):
        return DropDefinition.model_validate(value, context=value["currency"])

    monkeypatch.setattr(DropDefinition, "from_json", from_json)


# What is done, and what then is said.
CARELESS = {
    "the mall: a column with another name": (
        execute("mall", "ALTER TABLE environments RENAME COLUMN outputs TO made"),
        "column e.outputs does not exist",
    ),
    "the mall: a state with another name": (
        execute(
            "mall",
            "ALTER TABLE environments DROP CONSTRAINT environments_state_check; "
            "UPDATE environments SET state = 'selling' WHERE state = 'open'",
        ),
        "'selling' is not a valid State",
    ),
    "the mall: a lost order": (
        execute("mall", "UPDATE orders SET state = 'cancelled' WHERE id = (SELECT min(id::text)::uuid FROM orders)"),
        "assert 3 == 4",
    ),
    "the drop: a column with another name": (
        execute("drop_owner", "ALTER TABLE stock RENAME COLUMN reserved TO held"),
        'column "reserved" does not exist',
    ),
    "the drop: a reservation is not counted": (
        execute("drop_owner", "UPDATE reservations SET state = 'released' WHERE state = 'held'"),
        "reserved is not the sum of what is held",
    ),
    "the room: a field": (a_field_less_in_the_room, "name_ko"),
    "the room: another form": (another_form_of_admissions_in_the_room, "expires_at"),
    "admissions: the version's byte": (another_version_of_admissions, "admission is not genuine"),
    "identities: the audience": (another_audience, "another issuer or audience"),
    "receipts: the type": (another_type_of_receipts, "expected 'marketday-receipt-2"),
    "definitions: a value that is needed": (a_new_value_that_a_definition_needs, "currency"),
}


@pytest.mark.parametrize("name", CARELESS)
async def test_what_a_careless_version_changes_is_noticed(restored, monkeypatch, name):
    await upgraded(restored)
    change, said = CARELESS[name]
    if (changing := change(restored, monkeypatch)) is not None:
        await changing
    with pytest.raises(Exception, match=said):
        await read_everything(restored)
