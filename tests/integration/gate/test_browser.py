"""The waiting page in Chromium: it moves by itself, keeps the place, checks the draw, and goes in when it is time."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, Route, async_playwright, expect

from marketday.apps.gate import Settings, create_app
from marketday.catalog.stock import StockState
from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports
from marketday.testing.serving import served
from marketday.waitingroom.draw import permutation
from marketday.waitingroom.model import Board
from marketday.waitingroom.valkey import ValkeyRooms
from marketday.web.drop_cookies import DropCookies

from .conftest import SEED, Publish, identity

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 60_000  # milliseconds; a page that is far from its turn looks at least every 38 seconds

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: the waiting page's script is NOT tested"),
]


@pytest.fixture
async def address(settings: Settings) -> AsyncIterator[str]:
    port = free_ports(1)[0]
    public_url = f"http://event.localhost:{port}"
    at_its_address = settings.model_copy(update={"public_url": public_url})
    async with served(create_app(at_its_address), port):
        yield public_url


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """A signed-in person's tab."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(locale="en")
        await context.add_cookies(
            [{"name": DropCookies(address).identity("dawn-serum"), "value": identity(new_id()), "url": address}]
        )
        yield await context.new_page()
        await browser.close()


def section(page: Page, name: str) -> Locator:
    return page.locator(f'[data-section="{name}"]')


async def test_from_the_closed_door_into_the_store(
    page: Page, address: str, publish: Publish, rooms: ValkeyRooms
) -> None:
    room = f"{address}/drops/dawn-serum/room"
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    await publish(room=5, opens=10)
    await page.goto(room)
    await expect(section(page, "upcoming")).to_be_visible()
    await publish(room=-1, opens=10)
    await expect(section(page, "waiting")).to_be_visible(timeout=PATIENCE)
    for _ in range(9):
        await rooms.join("dawn-serum", new_id(), datetime.now(UTC))
    await page.reload()
    await expect(section(page, "waiting")).to_be_visible()
    assert (await rooms.snapshot("dawn-serum", datetime.now(UTC))).entries == 10

    await page.context.set_offline(True)
    await expect(page.locator("[data-lost]")).to_be_visible(timeout=PATIENCE)
    await publish()
    await rooms.open("dawn-serum", SEED, datetime.now(UTC))
    await page.context.set_offline(False)
    await expect(page.locator("[data-lost]")).to_be_hidden(timeout=PATIENCE)
    await expect(section(page, "queued")).to_be_visible(timeout=PATIENCE)
    position = permutation(SEED, 0, 10)
    await expect(page.locator('[data-value="ahead"]')).to_have_text(str(position))
    await expect(page.locator('[role="status"]')).to_contain_text(f"People ahead of you: {position}")

    await page.locator("[data-proof] summary").click()
    await expect(page.locator("[data-kept]")).to_be_visible()
    await expect(page.locator("[data-recomputed]")).to_be_visible()
    await expect(page.locator("[data-broken]")).to_be_hidden()

    await rooms.call("dawn-serum", position + 1, datetime.now(UTC))
    await page.wait_for_url(f"{address}/drops/dawn-serum", timeout=PATIENCE)
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    assert cookies[DropCookies(address).admission("dawn-serum")]["httpOnly"]
    assert errors == []


async def test_a_seed_that_breaks_its_promise_is_shown_and_sold_out_is_told(
    page: Page, address: str, publish: Publish, rooms: ValkeyRooms
) -> None:
    await publish()
    await page.goto(f"{address}/drops/dawn-serum/room")
    await expect(section(page, "waiting")).to_be_visible()
    await rooms.open("dawn-serum", bytes(32), datetime.now(UTC))
    await page.locator("[data-proof] summary").click()
    await expect(page.locator("[data-broken]")).to_be_visible(timeout=PATIENCE)
    await rooms.write_board("dawn-serum", Board(StockState.SOLD_OUT))
    await expect(section(page, "sold_out")).to_be_visible(timeout=PATIENCE)


SENDERS = [
    ("http://mall.localhost:8/drops/dawn-serum", "strict-origin", True),
    ("http://mall.localhost:8/drops/dawn-serum", "same-origin", False),
    ("http://evil.localhost:8/", "strict-origin", False),
    ("http://evil.localhost:8/", "no-referrer", False),
    ("http://evil.example/", "unsafe-url", False),
]


def _answering(policy: str, form: str) -> Callable[[Route], Awaitable[None]]:
    answered = {"Content-Type": "text/html", "Referrer-Policy": policy}
    return lambda route: route.fulfill(headers=answered, body=f"{form}<button>go</button></form>")


async def test_a_form_signs_in_only_from_a_page_of_the_mall(page: Page, address: str, publish: Publish) -> None:
    """The policy is the one of the mall's page in web.mall.pages_drops; under any other the origin would be `null`."""
    await publish()
    form = f"<form method=post action={address}/drops/dawn-serum/enter><input name=identity value={identity(new_id())}>"
    for sender, policy, signs_in in SENDERS:
        await page.context.clear_cookies()
        await page.route(sender, _answering(policy, form))
        await page.goto(sender)
        await page.click("button")
        if signs_in:
            await expect(section(page, "waiting")).to_be_visible()
        else:
            await expect(page.locator("h1")).to_have_text("This was sent from another site")
        kept = [DropCookies(address).identity("dawn-serum")] if signs_in else []
        assert [cookie["name"] for cookie in await page.context.cookies()] == kept, (sender, policy)
        await page.unroute(sender)


async def test_back_into_the_queue_by_one_button(
    page: Page, address: str, publish: Publish, rooms: ValkeyRooms
) -> None:
    await publish(rejoins=1)
    await page.goto(f"{address}/drops/dawn-serum/room")
    await expect(section(page, "waiting")).to_be_visible()
    await rooms.open("dawn-serum", SEED, datetime.now(UTC))
    [[record]] = [portion async for portion in rooms.entries("dawn-serum")]
    over = datetime.now(UTC) - timedelta(seconds=1)
    await rooms.admit("dawn-serum", record.person_id, 0, over - timedelta(seconds=9), over)
    await rooms.join("dawn-serum", new_id(), datetime.now(UTC))
    await page.reload()
    await section(page, "again").get_by_role("button").click()
    await expect(section(page, "queued")).to_be_visible()
    await expect(page.locator('[data-value="ahead"]')).to_have_text("2")
    await rooms.call("dawn-serum", 3, datetime.now(UTC))
    await page.wait_for_url(f"{address}/drops/dawn-serum", timeout=PATIENCE)


async def test_the_readers_own_time_stands_beside_the_drops(page: Page, address: str, publish: Publish) -> None:
    await publish(room=5, opens=10)
    browser = page.context.browser
    assert browser is not None
    kolkata = await browser.new_context(locale="en", timezone_id="Asia/Kolkata")
    reading = await kolkata.new_page()
    await reading.goto(f"{address}/drops/dawn-serum/room")
    times = reading.locator("time[data-zone]").first
    await expect(times).to_contain_text("(New York")
    await expect(times).to_contain_text("GMT+5:30")
