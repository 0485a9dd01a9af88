"""What the commands work with: the mall and the environments of one home, or the lifecycle on AWS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.apps.demo import play_demo
from marketday.apps.gameday import play_gameday
from marketday.apps.local_lifecycle import Lifecycle, open_lifecycle, prod_side
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.shelves import Shelves
from marketday.cli.crowd import Reach
from marketday.cli.drift import DriftWish
from marketday.cli.recovery import Chosen
from marketday.cli.up import UpWish
from marketday.crowd.http.setup import drop_hours, sign_up
from marketday.environments.ending import Ending, Report
from marketday.environments.errors import RecordsUnavailable
from marketday.kit.clock import SystemClock
from marketday.kit.database import AWAY, WORK_SECONDS, make_pool
from marketday.kit.extras import extra
from marketday.kit.ids import new_id
from marketday.provisioners.local import bringing_down
from marketday.provisioners.local.binaries import require_servers
from marketday.provisioners.local.branches import Branches
from marketday.provisioners.local.callers import read_callers
from marketday.provisioners.local.errors import ProcessFailed
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import find_home, open_home
from marketday.provisioners.local.mall_plane import MallPlane, read_mall, start_mall
from marketday.provisioners.local.secrets import PlaneSecrets
from marketday.provisioners.local.walls.standing import standing

__all__ = ["play_demo", "play_gameday"]  # as they are

_START_IT = "the mall's database does not answer; `marketday up` starts the mall"


@asynccontextmanager
async def _open_mall(home: Path, application: str) -> AsyncIterator[tuple[MallPlane, "asyncpg.Pool[Any]"]]:
    """Connect to the mall's database; raises ProcessFailed if the mall does not run."""
    plane = read_mall(find_home(home))
    async with make_pool(plane.database_url, application=application, seconds=WORK_SECONDS) as pool:
        try:
            await pool.fetchval("SELECT 1")
        except AWAY as error:
            raise ProcessFailed(_START_IT) from error
        yield plane, pool


@asynccontextmanager
async def open_catalog(home: Path) -> AsyncIterator[Shelves]:
    """Open the catalogue of the mall in `home`."""
    async with _open_mall(home, "catalog") as (plane, pool):
        yield Shelves(PostgresProductStore(pool), new_id, plane.media_folder)


@asynccontextmanager
async def open_accounts(home: Path) -> AsyncIterator[Accounts]:
    """Open the accounts of the mall in `home`."""
    passwords = Passwords()
    async with _open_mall(home, "accounts") as (_, pool):
        try:
            yield Accounts(PostgresAccountStore(pool), passwords, None, SystemClock())
        finally:
            passwords.close()


@asynccontextmanager
async def open_desk(home: Path) -> AsyncIterator[Lifecycle]:
    """Open the lifecycle of the environments in `home`."""
    async with open_lifecycle(prod_side(read_mall(find_home(home)))) as lifecycle:
        try:
            yield lifecycle
        except RecordsUnavailable as error:
            raise ProcessFailed(_START_IT) from error


async def up(home: Path, wish: UpWish) -> dict[str, str]:
    """Start the mall in `home`; return its addresses, and how its planes are isolated."""
    require_servers()
    opened = open_home(home)
    with hold_home(opened, "marketday up"):
        plane = await start_mall(opened, proxies=wish.trusted_proxies, crowd=wish.crowd, processes=wish.processes)
    return {"mall": plane.public_url, "console": plane.console_url, "isolation": str(standing())}


@asynccontextmanager
async def open_aws_desk(_home: Path) -> AsyncIterator[Any]:
    """Open the desk on AWS, which needs no home."""
    with extra("aws"):
        from marketday.apps import aws_desk  # noqa: PLC0415 - of an extra

    async with aws_desk.open_aws_desk(aws_desk.settings_of_environment()) as desk:
        yield desk


@asynccontextmanager
async def open_aws_account(_home: Path) -> AsyncIterator[Any]:
    """Open an AWS account that is being set up, or that a plane is removed from."""
    with extra("aws"):
        from marketday.apps.aws_account import open_account  # noqa: PLC0415 - of an extra

    yield open_account()


def branches(folder: Path) -> Branches:
    """Return the environments of the branches of the repository at `folder`; raises NoBranch."""
    return Branches(folder)


async def drift(wish: DriftWish, report: Report) -> Any:
    """Look for drift in the account that AWS's own variables name; return what was found."""
    with extra("aws"):
        from marketday.apps import aws_drift  # noqa: PLC0415 - of an extra

    return await aws_drift.drift(wish, report)


@asynccontextmanager
async def open_recovery(home: Path, chosen: Chosen) -> AsyncIterator[Any]:
    """Open a recovery of everything in another region."""
    with extra("aws"):
        from marketday.apps import aws_recovery  # noqa: PLC0415 - of an extra

    async with aws_recovery.open_recovery(home, chosen) as opened:
        yield opened


@asynccontextmanager
async def open_books(drop: str | None) -> AsyncIterator[Any]:
    """Open the gateway's books beside a database that was restored in another region."""
    from marketday.apps.recovered_money import open_books as opened  # noqa: PLC0415 - only for this command

    async with opened(drop) as books:
        yield books


def crowd_reach(home: Path) -> Reach:
    """Return the key with which the edges of this home recognise a crowd, and the crowd's HTTP client."""
    return Reach(
        key=lambda: read_callers(PlaneSecrets(home / "mall" / "secrets")).crowd_key,
        drop_hours=drop_hours,
        sign_up=sign_up,
    )


@asynccontextmanager
async def _ending(plane: MallPlane) -> AsyncIterator[Ending]:
    async with open_lifecycle(prod_side(plane)) as lifecycle:
        yield lifecycle.ending


async def down(home: Path, report: Report, *, purge: bool, now: bool) -> None:
    """End everything in `home`."""
    await bringing_down.down(_ending, home, report, purge=purge, now=now)
