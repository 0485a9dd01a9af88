"""The archiver: it keeps the last seconds of the mall's and the drops' databases, and makes and checks backups."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

import structlog
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.kit.errors import MarketdayError
from marketday.kit.logging import configure
from marketday.kit.settings import settings_or_end
from marketday.provisioners.local.backup.archiver import ArchiverRounds, release_all
from marketday.provisioners.local.backup.configuration import read_plan
from marketday.provisioners.local.backup.rounds import work_behind_others
from marketday.provisioners.local.home import Home, find_home

_log = structlog.get_logger()


class Settings(BaseSettings):
    """The archiver's settings, from environment variables."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore", hide_input_in_errors=True)

    home: Path = Field(description="The folder with all planes on this machine.")


async def _run(home: Home) -> None:
    """Run until a signal; also after an error, no database waits for an archiver that has ended."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    work_behind_others()
    try:
        plan = read_plan(home)
        if plan is None:
            return
        rounds = asyncio.create_task(ArchiverRounds(home, plan).run())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({rounds, stopped}, return_when=asyncio.FIRST_COMPLETED)
        rounds.cancel()
        with suppress(asyncio.CancelledError):
            await rounds
    finally:
        await release_all(home)


def main() -> None:
    """Run until stopped."""
    home = find_home(settings_or_end(Settings).home)
    configure("archiver")
    try:
        asyncio.run(_run(home))
    except MarketdayError as error:
        _log.error("archiver_ended", problem=error.slug, detail=error.detail)
        sys.exit(1)


if __name__ == "__main__":
    main()
