import httpx
import pytest

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.service import Accounts
from marketday.kit.ids import new_id
from marketday.testing.accounts import MemoryAccountStore, MemorySignInBrake
from marketday.testing.clock import FakeClock
from marketday.testing.console import OPENS, World, console_app
from marketday.web.console.collector import Collector
from marketday.web.pages import Pages

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
    return Collector(world, world, world, clock, patience_seconds=0)  # only some tests run its loop


@pytest.fixture(scope="module")
def pages():
    return Pages("console", zone="Asia/Seoul", viewer=None)


@pytest.fixture
def store():
    return MemoryAccountStore()


@pytest.fixture
def accounts(store, clock):
    passwords = Passwords(memory_kib=8, time_cost=1)
    yield Accounts(store, passwords, MemorySignInBrake(), clock)
    passwords.close()


@pytest.fixture
def app(collector, accounts, clock):
    return console_app(collector, accounts, clock, URL)


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
