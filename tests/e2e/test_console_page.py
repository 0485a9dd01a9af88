"""The operator's page in a real browser: it lives, it survives, it speaks."""

import asyncio
import itertools
import socket
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from playwright.async_api import expect

from marketday.kit.clock import SystemClock
from marketday.testing.console import World
from marketday.web.console.collector import Collector
from marketday.web.console.routes import router
from marketday.web.pages import LANGUAGES, Pages
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PATIENCE = 15_000  # milliseconds until something that has to come is missed


class Console:
    """The console on a port of its own, its world in our hands."""

    def __init__(self):
        self.world = World()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self):
        collector = Collector(self.world, self.world, self.world, SystemClock())
        pages = Pages("console")
        app = FastAPI()
        app.include_router(router(collector, pages))
        install_problems(app, pages)
        install_requests(app, "console")
        pages.mount(app)
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


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser):
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    await page.close()


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
