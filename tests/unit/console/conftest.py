import httpx
import pytest
from fastapi import FastAPI

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.service import Accounts
from marketday.kit.ids import new_id
from marketday.testing.accounts import MemoryAccountStore, MemorySignInBrake
from marketday.testing.clock import FakeClock
from marketday.testing.console import OPENS, World
from marketday.web.console.collector import Collector
from marketday.web.console.door import Door, Guard
from marketday.web.console.routes import router
from marketday.web.console.sign_in import sign_in_pages
from marketday.web.pages import Pages
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.sessions import SignInCookies
from marketday.web.site import Site

URL = "http://console.localhost:8081"
PASSWORD = "correct horse battery"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def clock():
    return FakeClock(OPENS)


@pytest.fixture
def collector(world, clock):
    return Collector(world, world, world, clock)


@pytest.fixture(scope="module")
def pages():
    return Pages("console", zone_name="Asia/Seoul", viewer=None)


@pytest.fixture
def store():
    return MemoryAccountStore()


@pytest.fixture
def accounts(store, clock):
    passwords = Passwords(memory_kib=8, time_cost=1)
    yield Accounts(store, passwords, MemorySignInBrake(), clock)
    passwords.close()


@pytest.fixture
def app(collector, pages, accounts, clock):
    """The console, its world and its accounts in our hands."""
    app = FastAPI(openapi_url=None)
    door = Door(accounts, SignInCookies(secure=False), clock)
    install_problems(app, pages)
    app.add_middleware(Guard, door=door)
    install_requests(app, "console", Site(URL))
    pages.mount(app)
    app.include_router(sign_in_pages(door, pages))
    app.include_router(router(collector, pages, door))
    return app


@pytest.fixture
async def stranger(app):
    """A browser that nobody signed in with."""
    headers = {"Accept": "text/html", "Accept-Language": "en", "Origin": URL}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, headers=headers) as client:
        yield client


@pytest.fixture
def account(accounts):
    """Make an account with a role."""

    async def made(role, email="mina@example.com"):
        return await accounts.sign_up(new_id(), email, PASSWORD, "Mina", role)

    return made


@pytest.fixture
async def browser(stranger, accounts, account):
    """A viewer's browser."""
    viewer = await account(Role.VIEWER, "viewer@example.com")
    stranger.cookies.set("session", await accounts.open_session(viewer))
    return stranger
