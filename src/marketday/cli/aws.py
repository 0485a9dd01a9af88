"""`marketday aws`: set up an AWS account, and see what a plane still has there."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Protocol
from urllib.parse import urlsplit

import typer

from marketday.cli.asking import ask, refuse
from marketday.kit.text import counted

if TYPE_CHECKING:
    from marketday.provisioners.sweep.aws import AwsSweep
    from marketday.provisioners.sweep.model import Leftover
    from marketday.provisioners.terraform.keys import Keys
    from marketday.provisioners.terraform.mall_key import MallKey

app = typer.Typer(no_args_is_help=True, help="Set up an AWS account, and see what a prod plane still has there.")
_PAUSE_SECONDS = 15.0
_PLANE = "The plane's name, the variable `name` of its stack."


class AwsAccount(Protocol):
    """What the commands work with in an account."""

    @property
    def keys(self) -> "Keys":
        """The build host's keys."""

    @property
    def mall_key(self) -> "MallKey":
        """The mall's signing key."""

    @property
    def sweep(self) -> "AwsSweep":
        """What finds everything of a plane."""


OpenAccount = Callable[[], AbstractAsyncContextManager[AwsAccount]]
"""The type of `ctx.obj` for these commands: opens the account in the command's event loop."""


@app.callback()
def root() -> None:
    """Set up an AWS account, and see what a prod plane still has there."""


@app.command()
def keys(
    ctx: typer.Context,
    *,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace existing keys. Build hosts that are running can no longer be reached."),
    ] = False,
) -> None:
    """Create the build host's two key pairs, store the private keys in Secrets Manager, and print the public key.

    Use the public key as the value of the permanent stack's variable build_host_public_key.
    """
    opener: OpenAccount = ctx.obj
    typer.echo(ask(opener, lambda account: account.keys.make(replace=replace)))


@app.command("signing-key")
def signing_key(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="PLANE", help=_PLANE)],
    mall: Annotated[str, typer.Option(metavar="URL", help="The mall's address, such as https://mall.example.com.")],
) -> None:
    """Create the mall's signing key in Secrets Manager, unless there is one, and print its public half.

    Use the output as the value of the permanent stack's variables receipt_jwks and mall.jwks. The mall signs identities
    with the key, and the controller signs receipts.
    """
    address = urlsplit(mall)
    if address.scheme != "https" or not address.hostname or mall != f"https://{address.netloc}":
        refuse(f"--mall: {mall!r}; expected https:// and the mall's host name, such as https://mall.example.com")
    opener: OpenAccount = ctx.obj
    typer.echo(ask(opener, lambda account: account.mall_key.public(name, mall)))


@app.command()
def left(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="PLANE", help=_PLANE)],
    *,
    in_cluster: Annotated[
        bool,
        typer.Option(
            "--in-cluster",
            help="Only what controllers in the cluster made: load balancers, instances, launch templates, interfaces. "
            "Destroy the plane only when nothing of this is left, because nobody removes it afterwards.",
        ),
    ] = False,
    wait_minutes: Annotated[
        int, typer.Option("--wait", min=0, max=120, help="Wait so many minutes until nothing is left.")
    ] = 0,
) -> None:
    """List what a prod plane still has in AWS. Exit status 1: something is left."""

    async def work(account: AwsAccount) -> "Sequence[Leftover]":
        found = await _until_gone(account.sweep, name, in_cluster=in_cluster, seconds=wait_minutes * 60)
        if in_cluster and not found and not await account.sweep.of_plane(name):
            refuse(
                f"there is nothing of a plane {name} here; expected the variable `name` of a plane that is not "
                "destroyed yet, and its region and account in AWS's variables"
            )
        return found

    opener: OpenAccount = ctx.obj
    found = ask(opener, work)
    for each in found:
        typer.echo(str(each) if each.blocks else f"{each}: blocks nothing")
    blocking = [each for each in found if each.blocks]
    made = f"made in the cluster {name}" if in_cluster else f"of {name}"
    if blocking:
        typer.echo(f"{counted(len(blocking), 'thing')} {made} left; remove them, then ask again")
        raise typer.Exit(1)
    typer.echo(f"nothing {made} is left")


async def _until_gone(sweep: "AwsSweep", name: str, *, in_cluster: bool, seconds: float) -> "Sequence[Leftover]":
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        found = await sweep.of_plane(name, made_in_cluster=in_cluster)
        rest = until - loop.time()
        if rest <= 0 or not any(each.blocks for each in found):
            return found
        await asyncio.sleep(min(_PAUSE_SECONDS, rest))
