"""A browser for the tests that need one: one for the session, so such a test runs in the session's event loop."""

import shutil

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    """Chromium, as it is installed on this machine; without it the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine; install one and these tests run")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            await chromium.close()
