"""`marketday aws`: what is set up in an AWS account once, before Marketday can work there."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Protocol

import typer

from marketday.cli.asking import ask

app = typer.Typer(no_args_is_help=True, help="Set up an AWS account for environments.")


class KeyMaker(Protocol):
    """What `keys` needs."""

    async def make(self, *, replace: bool = False) -> str:
        """Make and keep the key pairs; return the public key."""
        ...


OpenKeys = Callable[[], AbstractAsyncContextManager[KeyMaker]]
"""What `ctx.obj` is for these commands: opens the account's secrets in the loop of the command."""


@app.callback()
def root() -> None:
    """Set up an AWS account for environments."""


@app.command()
def keys(
    ctx: typer.Context,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace keys that are there; build hosts that run are shut out.")
    ] = False,
) -> None:
    """Make the build host's two key pairs, keep their private halves in Secrets Manager, and print the public key.

    The public key is the value of the permanent stack's variable build_host_public_key.
    """
    opener: OpenKeys = ctx.obj
    typer.echo(ask(opener, lambda maker: maker.make(replace=replace)))
