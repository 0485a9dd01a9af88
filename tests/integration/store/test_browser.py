"""The store's pages in Chromium, on a phone and on a wide screen, with and without scripts: pictures are files."""

import base64
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from marketday.apps import store as store_app
from marketday.drops.pictures import written
from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports
from marketday.testing.drops import SLUG, Shop
from marketday.testing.gateway import FakeGateway
from marketday.testing.serving import served
from marketday.web.drop_cookies import DropCookies

from .conftest import Mint

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 5">'
    b'<style>rect{fill:#b0234f}</style><rect width="4" height="5"/></svg>'
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: the store's pages are NOT looked at"),
]


@pytest.fixture
async def address(settings: store_app.Settings, gateway: FakeGateway, shop: Shop) -> AsyncIterator[str]:
    await shop.item("DAWN-60")
    for sku, image in (("DAWN-30", written("image/png", PNG)), ("DAWN-60", written("image/svg+xml", SVG))):
        await shop.owner.execute("UPDATE items SET image = $1 WHERE sku = $2", image, sku)
    port = free_ports(1)[0]
    public_url = f"http://event.localhost:{port}"
    app = store_app.create_app(settings.model_copy(update={"public_url": public_url}), gateway)
    async with served(app, port):
        yield public_url


async def look(page: Page, pictures: int) -> None:
    """All pictures of the page are shown, and nothing is wider than the screen."""
    shown = "[...document.images].filter(i => i.complete && i.naturalWidth && i.src.includes('/pictures/')).length"
    await page.wait_for_function(f"() => {shown} === {pictures}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "scripts"), [(375, "no scripts"), (1440, "scripts")])
async def test_from_the_product_to_the_order(
    address: str, mint: Mint, width: int, scripts: str, tmp_path: Path
) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(
            locale="en", viewport={"width": width, "height": 800}, java_script_enabled=scripts == "scripts"
        )
        person, names = new_id(), DropCookies(address)
        kept = {names.identity(SLUG): mint.identity(person), names.admission(SLUG): mint.admission(person)}
        await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in kept.items()])
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        await page.goto(f"{address}/drops/{SLUG}")
        await look(page, 2)
        await page.screenshot(path=tmp_path / f"product-{width}.png", full_page=True)
        await page.get_by_role("button", name="Reserve").first.click()
        await expect(page.get_by_role("heading", name="Pay")).to_be_visible()
        await look(page, 1)
        await page.get_by_role("button", name="Pay").click()
        await expect(page.get_by_role("heading", name="You have it")).to_be_visible()
        await look(page, 1)
        await browser.close()
    assert complaints == []
    assert all(url.startswith(address) for url in asked), "a drop's pages need no other host"
