"""The operator's page in a real browser: it lives, it survives, it speaks."""

import asyncio
import itertools
import socket
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import expect

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.service import Accounts
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.testing.accounts import MemoryAccountStore, MemorySignInBrake
from marketday.testing.console import World, console_app
from marketday.web.console.collector import Collector
from marketday.web.pages import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
EMAIL, PASSWORD = "viewer@example.com", "correct horse battery"
PATIENCE = 15_000  # milliseconds until something that has to come is missed


class Console:
    """The console on a port of its own, its world in our hands."""

    def __init__(self):
        self.world = World()
        self.passwords = Passwords(memory_kib=8, time_cost=1)
        self.accounts = Accounts(MemoryAccountStore(), self.passwords, MemorySignInBrake(), SystemClock())
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self):
        collector = Collector(self.world, self.world, self.world, SystemClock())
        app = console_app(collector, self.accounts, SystemClock(), self.url)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        looking = asyncio.create_task(collector.run())
        serving = asyncio.create_task(server.serve(sockets=[self.socket.dup()]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


@pytest.fixture
def console():
    console = Console()
    yield console
    console.socket.close()
    console.passwords.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(browser):
    """A tab of somebody who has not signed in."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    await page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(stranger, console):
    """A viewer's tab."""
    viewer = await console.accounts.sign_up(new_id(), EMAIL, PASSWORD, "Mina", Role.VIEWER)
    session = await console.accounts.open_session(viewer)
    await stranger.context.add_cookies([{"name": "session", "value": session, "url": console.url}])
    return stranger


async def test_a_viewer_signs_in_and_out_and_comes_back_to_the_page(console, stranger):
    await console.accounts.sign_up(new_id(), EMAIL, PASSWORD, "Mina", Role.VIEWER)
    async with console.serving():
        await stranger.goto(f"{console.url}/?lang=en")
        await stranger.fill("#email", EMAIL)
        await stranger.fill("#password", "a wrong password")
        await stranger.click("main button")
        await expect(stranger.get_by_role("alert")).to_contain_text("password is wrong")
        await stranger.fill("#password", PASSWORD)
        await stranger.click("main button")
        await expect(stranger.locator("#link")).to_have_text("Live", timeout=PATIENCE)
        assert stranger.url == f"{console.url}/?lang=en"
        cookies = await stranger.context.cookies()
        assert {each["name"] for each in cookies if each["httpOnly"]} == {"session", "browser"}
        await stranger.click(".who button")
        await expect(stranger.locator("h1")).to_have_text("Sign in to the console")
        assert stranger.complaints == []


async def test_a_page_whose_session_ended_leads_to_the_sign_in_by_itself(console, page):
    async with console.serving():
        await page.goto(f"{console.url}/?lang=en")
        await expect(page.locator("#link")).to_have_text("Live", timeout=PATIENCE)
        await console.accounts.grant(EMAIL, Role.SHOPPER)
        await expect(page.locator("#link")).to_have_count(0, timeout=2 * PATIENCE)


async def test_the_sign_in_runs_over_no_edge_in_any_language(console, stranger):
    async with console.serving():
        for language, width in itertools.product(LANGUAGES, (375, 1280)):
            await stranger.set_viewport_size({"width": width, "height": 800})
            await stranger.goto(f"{console.url}/sign-in?lang={language}")
            assert await stranger.evaluate("document.documentElement.scrollWidth") == width, (language, width)


async def test_the_page_lives(console, page):
    async with console.serving():
        await page.goto(f"{console.url}/?lang=en")
        await expect(page.locator("#link")).to_have_text("Live", timeout=PATIENCE)
        await expect(page.locator(".chart canvas")).to_have_count(4, timeout=PATIENCE)
        console.world.document |= {"waiting": 4321}
        await expect(page.locator(".tiles")).to_contain_text("4,321", timeout=PATIENCE)
        assert page.complaints == []


async def test_the_page_comes_back_by_itself_after_the_console_died(console, page):
    async with console.serving():
        await page.goto(f"{console.url}/?lang=en")
        await expect(page.locator("#link")).to_have_text("Live", timeout=PATIENCE)
    await expect(page.locator("#link")).to_have_text("Reconnecting", timeout=PATIENCE)
    async with console.serving():
        await expect(page.locator("#link")).to_have_text("Live", timeout=PATIENCE)
        console.world.document |= {"waiting": 17}
        await expect(page.locator(".tiles")).to_contain_text("17", timeout=PATIENCE)
    assert page.complaints == []


async def test_a_dead_event_plane_is_told_and_forgotten_when_it_is_back(console, page):
    async with console.serving():
        await page.goto(f"{console.url}/?lang=en")
        alert = page.get_by_text("The event plane does not answer.")
        await expect(alert).to_have_count(0)
        document, console.world.document = console.world.document, None
        await expect(alert).to_be_visible(timeout=PATIENCE)
        console.world.document = document
        await expect(alert).to_have_count(0, timeout=PATIENCE)


async def test_a_detail_that_was_opened_stays_open(console, page):
    from marketday.testing.console import OPENS, a_run
    from marketday.web.console.model import Receipt

    console.world.run_list = [a_run(receipt=Receipt(OPENS, "signed.token.text", {"promotion": {"orders": 3}}))]
    async with console.serving():
        await page.goto(f"{console.url}/?lang=en")
        await page.locator("details summary").last.click()
        console.world.document |= {"waiting": 99}
        await expect(page.locator(".tiles")).to_contain_text("99", timeout=PATIENCE)
        await expect(page.get_by_text("signed.token.text")).to_be_visible()


async def test_nothing_runs_over_the_edge_in_any_language(console, page):
    async with console.serving():
        for language, width in itertools.product(LANGUAGES, (375, 1280)):
            await page.set_viewport_size({"width": width, "height": 800})
            await page.goto(f"{console.url}/?lang={language}")
            await expect(page.locator(".chart canvas")).to_have_count(4, timeout=PATIENCE)
            assert await page.evaluate("document.documentElement.scrollWidth") == width, (language, width)
