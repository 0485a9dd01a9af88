"""The command `marketday` with all its groups. What the commands work with is in `desks`, loaded when it is needed."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from marketday import __version__
from marketday.cli import accounts, aws, backup, catalog, crowd, drop, env, receipt, recovery
from marketday.cli.backup import install_restore
from marketday.cli.cost import install_cost
from marketday.cli.demo import install_demo
from marketday.cli.down import install_down
from marketday.cli.drift import DriftWish, install_drift
from marketday.cli.gameday import install_gameday
from marketday.cli.guard import GuardedGroup, log_to_people
from marketday.cli.preview import install_preview
from marketday.cli.up import UpWish, install_up
from marketday.demo.options import DemoOptions
from marketday.demo.screen import DemoScreen
from marketday.environments.ending import Report
from marketday.gameday.options import GameDayOptions


class Provisioning(StrEnum):
    """How environments are made."""

    LOCAL = "local"
    TERRAFORM = "terraform"


app = typer.Typer(
    name="marketday",
    help="Opens an online store for one day, on servers of its own, and removes them afterwards.",
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
    home: Annotated[Path, typer.Option(envvar="MARKETDAY_HOME", help="Folder for all data.")] = Path(".marketday"),
    provisioner: Annotated[
        Provisioning,
        typer.Option(
            envvar="MARKETDAY_PROVISIONER",
            help="Where the commands `env`, `receipt` and `drop` work: with processes on this machine (`local`), "
            "or on AWS with Terraform (`terraform`).",
        ),
    ] = Provisioning.LOCAL,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Open an online store for one day."""
    del version, provisioner  # `_at_desk` reads `provisioner` from the context
    ctx.obj = home


def _desks() -> Any:
    """Return the module `desks`. Loading it takes a second, and `--help` or `drop check` does not need it."""
    return import_module("marketday.apps.desks")


def _at_home(opener: str) -> Callable[[typer.Context], None]:
    """Give the commands of a group the function `opener` of `desks`, which they call in their own event loop."""

    def open_at_home(ctx: typer.Context) -> None:
        home: Path = ctx.obj
        ctx.obj = lambda: getattr(_desks(), opener)(home)

    return open_at_home


def _at_desk(ctx: typer.Context) -> None:
    """Give the commands about environments the desk of this machine, or the one on AWS, which needs no mall here."""
    on_aws = ctx.find_root().params["provisioner"] is Provisioning.TERRAFORM
    _at_home("open_aws_desk" if on_aws else "open_desk")(ctx)


def _backup_desk() -> Any:
    return import_module("marketday.apps.backup_desk")


def _at_backups(ctx: typer.Context) -> None:
    """Give the commands about backups what they work with, loaded when it is needed."""
    ctx.obj = _backup_desk


def _at_crowd(ctx: typer.Context) -> None:
    """Give the crowd's commands what they work with; opening it needs no event loop."""
    ctx.obj = _desks().crowd_reach(ctx.obj)


def _at_recovery(ctx: typer.Context) -> None:
    """Give the commands of a recovery what opens it, for the regions and folders that a person chooses."""
    home: Path = ctx.obj
    ctx.obj = recovery.Openers(
        lambda chosen: _desks().open_recovery(home, chosen), lambda drop: _desks().open_books(drop)
    )


async def _up(home: Path, wish: UpWish) -> dict[str, str]:
    return await _desks().up(home, wish)  # type: ignore[no-any-return]


async def _play(options: DemoOptions, screen: DemoScreen) -> bool:
    return await _desks().play_demo(options, screen)  # type: ignore[no-any-return]


async def _play_gameday(options: GameDayOptions, screen: DemoScreen) -> bool:
    return await _desks().play_gameday(options, screen)  # type: ignore[no-any-return]


async def _down(path: Path, report: Report, *, purge: bool = False, now: bool = False) -> None:
    await _desks().down(path, report, purge=purge, now=now)


def _branches() -> Any:
    return _desks().branches(Path.cwd())


async def _drift(wish: DriftWish, report: Report) -> Any:
    return await _desks().drift(wish, report)


install_drift(env.app, _drift)
install_preview(env.app)
app.add_typer(catalog.app, name="catalog", callback=_at_home("open_catalog"))
app.add_typer(accounts.app, name="accounts", callback=_at_home("open_accounts"))
app.add_typer(env.app, name="env", callback=_at_desk)
app.add_typer(receipt.app, name="receipt", callback=_at_desk)
app.add_typer(aws.app, name="aws", callback=_at_home("open_aws_account"))
app.add_typer(recovery.app, name="recovery", callback=_at_recovery)
app.add_typer(drop.app, name="drop", callback=_at_desk)
app.add_typer(crowd.app, name="crowd", callback=_at_crowd)
app.add_typer(backup.app, name="backup", callback=_at_backups)
install_restore(app, _backup_desk)
install_cost(app)
install_up(app, _up, _branches)
install_demo(app, _play)
install_down(app, _down, _branches)
install_gameday(app, _play_gameday)


def main() -> None:
    """Run the command. A service logs everything; a command logs only warnings, because it prints for its user."""
    log_to_people()
    app()


if __name__ == "__main__":
    main()
