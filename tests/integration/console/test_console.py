import asyncio
import json
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.apps.console import Settings, create_app
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.web.console.postgres import PostgresRuns
from marketday.web.files import release

NOW = SystemClock().now()


async def record(url, slug, state, *, opens_in=60, steps=(), receipt=None):
    """Write a run of an environment as the lifecycle does."""
    environment_id = new_id()
    moments = {"build_at": NOW, "opens_at": NOW + timedelta(seconds=opens_in), "closes_at": NOW + timedelta(hours=1)}
    definition = {
        "slug": slug,
        "name": {"ko": "새벽 세럼", "en": "Dawn Serum"},
        "products": [{"sku": "A", "stock": 300}, {"sku": "B", "stock": 100}],
    }
    connection = await connect(url)
    try:
        await connection.execute(
            "INSERT INTO environments (id, drop_slug, state, definition, schedule, outputs) VALUES ($1,$2,$3,$4,$5,$6)",
            environment_id,
            slug,
            state,
            definition,
            {name: at.isoformat() for name, at in moments.items()},
            {"public_url": "http://event.localhost:9", "services": json.dumps({"gate": "http://127.0.0.1:9"})},
        )
        for step, outcome in steps:
            await connection.execute(
                "INSERT INTO environment_steps (environment_id, step, outcome, at) VALUES ($1, $2, $3, now())",
                environment_id,
                step,
                outcome,
            )
        if receipt is not None:
            await connection.execute(
                "INSERT INTO receipts (environment_id, issued_at, token, summary) VALUES ($1, now(), 'signed', $2)",
                environment_id,
                receipt,
            )
    finally:
        await connection.close()
    return str(environment_id)


@pytest.fixture
async def runs(mall_database_url):
    async with await create_pool(mall_database_url, min_size=0, max_size=2) as pool:
        yield PostgresRuns(pool)


async def test_a_run_is_read_with_its_steps_and_its_receipt(runs, mall_database_url):
    steps = [("provision", "started"), ("provision", "done"), ("hand_over", "started")]
    environment_id = await record(mall_database_url, "dawn-serum", "verified", steps=steps, receipt={"orders": 7})
    (run,) = await runs.latest(5)
    assert (run.id, run.drop, run.state, run.units) == (environment_id, "dawn-serum", "verified", 400)
    assert run.services == {"gate": "http://127.0.0.1:9"}
    assert [(step.name, step.outcome) for step in run.steps] == [("provision", "done"), ("hand_over", "started")]
    assert run.receipt.summary == {"orders": 7}


async def test_the_app_shows_viewers_what_the_database_has(mall_database_url, valkey_url):
    await record(mall_database_url, "dawn-serum", "ready", steps=[("provision", "done")])
    url = "http://console.localhost:1"
    settings = Settings(port=1, database_url=mall_database_url, valkey_url=valkey_url, public_url=url, edge_key="e")
    app: FastAPI = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        await create_pool(mall_database_url) as pool,
        AsyncClient(transport=ASGITransport(app), base_url=url, headers={"Origin": url}) as browser,
    ):
        passwords = Passwords(memory_kib=8, time_cost=1)
        accounts = Accounts(PostgresAccountStore(pool), passwords, None, SystemClock())
        await accounts.sign_up(new_id(), "viewer@example.com", "correct horse battery", "Mina", Role.VIEWER)
        passwords.close()
        assert (await browser.get("/v1/day")).status_code == 401
        form = {"email": "viewer@example.com", "password": "correct horse battery"}
        assert (await browser.post("/sign-in", data=form)).status_code == 303
        day = await until(browser, lambda day: day["run"] is not None)
        assert day["run"]["drop"] == "dawn-serum"
        assert day["now"] is None
        page = (await browser.get("/?lang=en")).text
        assert "Dawn Serum" in page
        assert "The event plane does not answer." in page
        assert (await browser.get("/healthz")).status_code == 200
        assert (await browser.get(f"{release().folder}/console/console.js")).status_code == 200


async def until(browser, wish, tries=200):
    """Ask for the day until `wish` is true of it; the collector's own pace is the only wait."""
    for _ in range(tries):
        day = (await browser.get("/v1/day")).json()
        if wish(day):
            return day
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {tries} tries: {day}")
