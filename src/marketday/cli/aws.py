"""`marketday aws`: set up an AWS account, once, before Marketday can work there."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from marketday.cli.asking import ask

if TYPE_CHECKING:
    from marketday.provisioners.terraform.keys import Keys

app = typer.Typer(no_args_is_help=True, help="Set up an AWS account for environments.")


OpenKeys = Callable[[], AbstractAsyncContextManager["Keys"]]
"""The type of `ctx.obj` for these commands: opens the account's secrets in the command's event loop."""


@app.callback()
def root() -> None:
    """Set up an AWS account for environments."""


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
    opener: OpenKeys = ctx.obj
    typer.echo(ask(opener, lambda maker: maker.make(replace=replace)))
