"""The line for a unit that comes back in Chromium, without any script: the page finds the offer by itself."""

import shutil
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from playwright.async_api import BrowserContext, async_playwright, expect

from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports
from marketday.testing.drops import SLUG, Shop, request
from marketday.testing.serving import served
from marketday.web.drop_cookies import DropCookies

from .conftest import Mint

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 30_000  # milliseconds; the page looks every three seconds

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: the line's page is NOT tested in a browser"),
]


@pytest.fixture
def public_url() -> str:
    return f"http://event.localhost:{free_ports(1)[0]}"


@pytest.fixture
async def address(app: FastAPI, public_url: str) -> AsyncIterator[str]:
    port = int(public_url.rsplit(":", 1)[1])
    async with served(app, port):
        yield public_url


@pytest.fixture
async def shopper(address: str, mint: Mint) -> AsyncIterator[BrowserContext]:
    """An admitted person's browser without scripts."""
    person, names = new_id(), DropCookies(address)
    tokens = {names.identity(SLUG): mint.identity(person), names.admission(SLUG): mint.admission(person)}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(
            locale="en", java_script_enabled=False, viewport={"width": 375, "height": 740}
        )
        await context.add_cookies([{"name": name, "value": token, "url": address} for name, token in tokens.items()])
        yield context
        await browser.close()


async def test_the_line_leads_to_the_offer_without_a_script(shopper: BrowserContext, address: str, shop: Shop) -> None:
    store, wish = PostgresDropStore(shop.owner), request()
    await shop.owner.execute("UPDATE stock SET total = 1")
    await store.reserve([wish])
    page = await shopper.new_page()
    await page.goto(f"{address}/drops/{SLUG}")
    await page.get_by_role("button", name="Wait for one that comes back").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for one that comes back")
    await expect(page.get_by_text("People before you: 0")).to_be_visible()
    narrow = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert await page.evaluate(narrow), "nothing is wider than a phone"
    await store.release(wish.reservation_id, wish.person_id)
    await expect(page.get_by_text("One came back: it is yours.")).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Pay ₩32,000").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You have it")
    assert await shop.stock() == (1, 0, 1)
