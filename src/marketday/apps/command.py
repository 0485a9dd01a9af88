"""The command `marketday`: every command group, wired to the mall and the environments of one home."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from marketday import __version__
from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.apps.demo import play_demo
from marketday.apps.lifecycle import Lifecycle, open_lifecycle, prod_side
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.shelves import Shelves
from marketday.cli import accounts, aws, catalog, crowd, drop, env, receipt
from marketday.cli.cost import install_cost
from marketday.cli.demo import install_demo
from marketday.cli.down import install_down
from marketday.cli.guard import GuardedGroup, log_to_people
from marketday.cli.up import UpWish, install_up
from marketday.crowd.http import drop_hours, sign_up
from marketday.environments.ending import Ending
from marketday.environments.errors import RecordsUnavailable
from marketday.kit.clock import SystemClock
from marketday.kit.database import AWAY, WORK_SECONDS, make_pool
from marketday.kit.extras import extra
from marketday.kit.ids import new_id
from marketday.provisioners.local.binaries import require_servers
from marketday.provisioners.local.bringing_down import down
from marketday.provisioners.local.callers import read_callers
from marketday.provisioners.local.errors import ProcessFailed
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import Home, find_home, open_home
from marketday.provisioners.local.mall_plane import MallPlane, read_mall, start_mall
from marketday.provisioners.local.secrets import PlaneSecrets
from marketday.provisioners.local.walls.standing import standing

_START_IT = "the mall's database does not answer; `marketday up` starts the mall"

Opener = Callable[[Home], AbstractAsyncContextManager[Any]]


class Provisioning(StrEnum):
    """How environments are made."""

    LOCAL = "local"
    TERRAFORM = "terraform"


app = typer.Typer(
    name="marketday",
    help="Opens an online store for one day: exact, isolated, gone afterwards, fast and fair.",
    no_args_is_help=True,
    cls=GuardedGroup,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"marketday {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    *,
    home: Annotated[Path, typer.Option(envvar="MARKETDAY_HOME", help="Where everything lies.")] = Path(".marketday"),
    provisioner: Annotated[
        Provisioning,
        typer.Option(
            envvar="MARKETDAY_PROVISIONER",
            help="How `env` and `receipt` make environments: as processes here, or on AWS by Terraform.",
        ),
    ] = Provisioning.LOCAL,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Open an online store for one day."""
    del version, provisioner  # `_at_desk` asks for it
    ctx.obj = home


@asynccontextmanager
async def _open_mall(home: Home, application: str) -> AsyncIterator[tuple[MallPlane, "asyncpg.Pool[Any]"]]:
    """Reach the mall's database; raises ProcessFailed while the mall stands still."""
    plane = read_mall(home)
    async with make_pool(plane.database_url, application=application, seconds=WORK_SECONDS) as pool:
        try:
            await pool.fetchval("SELECT 1")
        except AWAY as error:
            raise ProcessFailed(_START_IT) from error
        yield plane, pool


@asynccontextmanager
async def _catalog(home: Home) -> AsyncIterator[Shelves]:
    async with _open_mall(home, "catalog") as (plane, pool):
        yield Shelves(PostgresProductStore(pool), new_id, plane.media_folder)


@asynccontextmanager
async def _accounts(home: Home) -> AsyncIterator[Accounts]:
    passwords = Passwords()
    async with _open_mall(home, "accounts") as (_, pool):
        try:
            yield Accounts(PostgresAccountStore(pool), passwords, None, SystemClock())
        finally:
            passwords.close()


@asynccontextmanager
async def _desk(home: Home) -> AsyncIterator[Lifecycle]:
    async with open_lifecycle(prod_side(read_mall(home))) as lifecycle:
        try:
            yield lifecycle
        except RecordsUnavailable as error:
            raise ProcessFailed(_START_IT) from error


@asynccontextmanager
async def _ending(plane: MallPlane) -> AsyncIterator[Ending]:
    async with open_lifecycle(prod_side(plane)) as lifecycle:
        yield lifecycle.ending


async def _up(home: Path, wish: UpWish) -> dict[str, str]:
    require_servers()
    opened = open_home(home)
    with hold_home(opened, "marketday up"):
        plane = await start_mall(opened, proxies=wish.trusted_proxies, crowd=wish.crowd)
    return {"mall": plane.public_url, "console": plane.console_url, "isolation": str(standing())}


def _add(group: typer.Typer, name: str, opener: Opener) -> None:
    """Add a command group whose `ctx.obj` opens what it works with, in the loop of the command."""

    def open_at_home(ctx: typer.Context) -> None:
        home: Path = ctx.obj
        ctx.obj = lambda: opener(find_home(home))

    app.add_typer(group, name=name, callback=open_at_home)


def _at_desk(ctx: typer.Context) -> None:
    """Let the commands about environments work here, or on AWS, where no mall stands beside."""
    home: Path = ctx.obj
    if ctx.find_root().params["provisioner"] is Provisioning.TERRAFORM:
        ctx.obj = _aws_desk
    else:
        ctx.obj = lambda: _desk(find_home(home))


@asynccontextmanager
async def _aws_desk() -> AsyncIterator[Any]:
    with extra("aws"):
        from marketday.apps.aws_desk import open_aws_desk, settings_of_environment  # noqa: PLC0415 - takes a second

    async with open_aws_desk(settings_of_environment()) as desk:
        yield desk


@asynccontextmanager
async def _keys() -> AsyncIterator[Any]:
    with extra("aws"):
        from marketday.provisioners.terraform.aws import client  # noqa: PLC0415 - takes a second
        from marketday.provisioners.terraform.keys import Keys  # noqa: PLC0415

    yield Keys(client("secretsmanager"))


def _at_secrets(ctx: typer.Context) -> None:
    """Let the commands that set an account up work with its secrets."""
    ctx.obj = _keys


def _at_crowd(ctx: typer.Context) -> None:
    """Let a crowd find the key by which the edges of this home know it, and its way over HTTP."""
    home: Path = ctx.obj
    ctx.obj = crowd.Reach(
        key=lambda: read_callers(PlaneSecrets(home / "mall" / "secrets")).crowd_key,
        drop_hours=drop_hours,
        sign_up=sign_up,
    )


_add(catalog.app, "catalog", _catalog)
_add(accounts.app, "accounts", _accounts)
app.add_typer(env.app, name="env", callback=_at_desk)
app.add_typer(receipt.app, name="receipt", callback=_at_desk)
app.add_typer(aws.app, name="aws", callback=_at_secrets)
app.add_typer(drop.app, name="drop", callback=_at_desk)
app.add_typer(crowd.app, name="crowd", callback=_at_crowd)
install_cost(app)
install_up(app, _up)
install_demo(app, play_demo)
install_down(app, partial(down, _ending))


def main() -> None:
    """Run the command. Services log; a command speaks to its user alone, and logs what is wrong."""
    log_to_people()
    app()


if __name__ == "__main__":
    main()
