"""The payment sandbox, run as a process of its own, loses no data and refuses requests without the key."""

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayRefused, GatewayTimeout, UnknownPayment
from marketday.payments.http import HttpGateway
from marketday.payments.ports import GatewayState
from marketday.payments.sqlite import SqliteLedger
from marketday.testing.payments import paying_for

from .conftest import KEY, Sandbox


async def ledger(sandbox: Sandbox, group: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{sandbox.url}/ledger", params={"group": group}) as answer,
    ):
        assert answer.status == 200
        return await answer.json()


async def test_what_was_answered_survives_a_kill(sandbox: Sandbox):
    async with HttpGateway(sandbox.url, KEY) as gateway:
        references = [new_id() for _ in range(20)]
        await asyncio.gather(
            *(gateway.authorise(each, 500, "KRW", "card_ok", paying_for("night")) for each in references)
        )
        await gateway.capture(references[0])
        sandbox.kill()
        await asyncio.to_thread(sandbox.start)
        assert (await gateway.capture(references[0])).state is GatewayState.CAPTURED
        lines = await ledger(sandbox, "night")
    assert sorted(line["reference"] for line in lines) == sorted(map(str, references))
    assert sum(line["amount_minor"] for line in lines if line["state"] == "captured") == 500


async def test_a_call_waits_for_the_gateway_to_come_back(sandbox: Sandbox):
    async with HttpGateway(sandbox.url, KEY, answer_seconds=30) as gateway:
        sandbox.kill()
        call = asyncio.create_task(gateway.authorise(new_id(), 500, "KRW", "card_ok", paying_for("dawn")))
        await asyncio.to_thread(sandbox.start)
        assert (await call).state is GatewayState.AUTHORISED


async def test_a_gateway_that_is_gone_is_a_timeout(sandbox: Sandbox):
    sandbox.kill()
    try:
        async with HttpGateway(sandbox.url, KEY, answer_seconds=0.2) as gateway:
            with pytest.raises(GatewayTimeout, match=r"no answer within 0\.2 s"):
                await gateway.lookup(new_id())
    finally:
        await asyncio.to_thread(sandbox.start)


async def test_the_ledger_is_read_by_group(sandbox: Sandbox):
    async with HttpGateway(sandbox.url, KEY) as gateway:
        await gateway.authorise(new_id(), 100, "KRW", "card_ok", paying_for("dusk"))
        await gateway.authorise(new_id(), 200, "KRW", "card_ok", paying_for("mall"))
    assert [line["amount_minor"] for line in await ledger(sandbox, "mall")] == [200]


async def test_the_books_of_one_holder_are_read_by_pages_whatever_the_group(sandbox: Sandbox, monkeypatch):
    monkeypatch.setattr("marketday.payments.http._PAGE_LINES", 3)
    async with HttpGateway(sandbox.url, KEY) as merchant, HttpGateway(sandbox.url, "a key of the ball") as ball:
        await merchant.issue("ball", "a key of the ball")
        await merchant.authorise(new_id(), 100, "KRW", "card_ok", paying_for("ball"))
        references = [new_id() for _ in range(7)]
        purposes = [paying_for("ball" if number % 2 else "elsewhere") for number in range(7)]
        for reference, purpose in zip(references, purposes, strict=True):
            await ball.authorise(reference, 200, "KRW", "card_ok", purpose)
        found = [entry async for entry in merchant.ledger(holder="ball")]
        grouped = [entry async for entry in merchant.ledger(holder="ball", group="ball")]
        seen = [entry async for entry in ball.ledger(holder="another")]
    assert [entry.payment.reference for entry in found] == sorted(references)
    assert [entry.purpose for entry in found] == purposes
    assert {entry.holder for entry in found} == {"ball"}
    assert len(grouped) == 3
    assert seen == found


async def test_a_reference_stands_for_one_purpose(sandbox: Sandbox):
    reference = new_id()
    async with HttpGateway(sandbox.url, KEY) as gateway:
        await gateway.authorise(reference, 100, "KRW", "card_ok", paying_for("dawn"))
        for other in (replace(paying_for("dawn"), customer=new_id()), replace(paying_for("dawn"), subject=new_id())):
            with pytest.raises(GatewayRefused, match="another purpose"):
                await gateway.authorise(reference, 100, "KRW", "card_ok", other)


def test_a_ledger_of_an_earlier_version_is_read_on(tmp_path):
    file = tmp_path / "ledger.sqlite"
    with sqlite3.connect(file) as database:
        columns = "reference, state, amount_minor, currency, method, grouping, reason, created_at, updated_at, holder"
        database.execute(f"CREATE TABLE payments ({columns})")
        database.execute("INSERT INTO payments VALUES ('a', 'captured', 1, 'KRW', 'card_ok', 'dawn', '', '', '', '')")
    ledger = SqliteLedger(file)
    [line] = asyncio.run(ledger.lines("dawn"))
    ledger.close()
    assert (line.reference, line.customer, line.subject) == ("a", "", "")


async def test_nobody_comes_in_without_the_key(sandbox: Sandbox):
    async with HttpGateway(sandbox.url, "another-key") as gateway:
        with pytest.raises(GatewayRefused, match="expected Authorization"):
            await gateway.authorise(new_id(), 100, "KRW", "card_ok", paying_for("dawn"))


async def test_an_issued_key_opens_its_holders_payments_alone(sandbox: Sandbox):
    async with (
        HttpGateway(sandbox.url, KEY) as merchant,
        HttpGateway(sandbox.url, "a key of the evening") as evening,
        HttpGateway(sandbox.url, "a key of the morning") as morning,
    ):
        await merchant.issue("evening", "a key of the evening")
        await merchant.issue("morning", "a key of the morning")
        malls, evenings, voided = new_id(), new_id(), new_id()
        await merchant.authorise(malls, 100, "KRW", "card_ok", paying_for("mall"))
        await evening.authorise(evenings, 200, "KRW", "card_ok", paying_for("evening"))
        assert (await evening.void(voided)).state is GatewayState.VOIDED
        for theirs in (malls, evenings, voided):
            assert await morning.lookup(theirs) is None
            for call in (morning.capture, morning.void, morning.refund):
                with pytest.raises(UnknownPayment):
                    await call(theirs)
            with pytest.raises(GatewayRefused, match="is taken"):
                await morning.authorise(theirs, 100, "KRW", "card_ok", paying_for("morning"))
        assert (await evening.capture(evenings)).state is GatewayState.CAPTURED
        assert (await merchant.refund(evenings)).state is GatewayState.REFUNDED
        assert (await merchant.capture(malls)).state is GatewayState.CAPTURED


async def test_issued_keys_issue_none_and_end_with_their_revocation(sandbox: Sandbox):
    async with HttpGateway(sandbox.url, KEY) as merchant, HttpGateway(sandbox.url, "a key of the noon") as noon:
        await merchant.issue("noon", "a key of the noon")
        for call in (noon.issue("another", "a key"), noon.revoke("noon"), noon.is_known("noon")):
            with pytest.raises(GatewayRefused, match="issued to noon"):
                await call
        sandbox.kill()
        await asyncio.to_thread(sandbox.start)
        assert (await noon.authorise(new_id(), 100, "KRW", "card_ok", paying_for("noon"))).authorised
        await merchant.revoke("noon")
        with pytest.raises(GatewayRefused, match="expected Authorization"):
            await noon.authorise(new_id(), 100, "KRW", "card_ok", paying_for("noon"))


@pytest.mark.parametrize(
    "body",
    [
        {"amount_minor": -1, "currency": "KRW", "method": "card_ok"},
        {"amount_minor": "12", "currency": "KRW", "method": "card_ok"},
        {"amount_minor": 1.5, "currency": "KRW", "method": "card_ok"},
        {"amount_minor": True, "currency": "KRW", "method": "card_ok"},
        {"amount_minor": 12, "currency": "XQX", "method": "card_ok"},
        {"amount_minor": 12, "currency": "KRW"},
        {"amount_minor": 12, "currency": "KRW", "method": "card_ok"},
        {"amount_minor": 12, "currency": "KRW", "method": "card_ok", "tip": 1},
        [],
    ],
)
async def test_bad_values_are_named(sandbox: Sandbox, body: Any):
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
        session.put(f"{sandbox.url}/payments/{new_id()}", json=body) as answer,
    ):
        assert answer.status in (400, 422)
        problem = await answer.json()
    assert problem["type"].startswith("urn:marketday:problem:")
    assert problem["detail"]
