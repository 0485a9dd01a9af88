"""`marketday accounts`: create accounts, administrators for example, and list them."""

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marketday.accounts.model import Role
from marketday.accounts.service import Accounts
from marketday.cli.asking import ask
from marketday.kit.ids import new_id

app = typer.Typer(no_args_is_help=True, help="Create and list the mall's accounts.")

_ROLES = "`viewer` may open the console; `admin` may also edit products and see all orders."


OpenAccounts = Callable[[], AbstractAsyncContextManager[Accounts]]
"""The type of `ctx.obj` for these commands: opens the accounts in the command's event loop."""


@app.command()
def add(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with.")],
    role: Annotated[Role, typer.Option(help=_ROLES)] = Role.SHOPPER,
    name: Annotated[str, typer.Option(help="The person's name. Default: the part of the address before the @.")] = "",
) -> None:
    """Create an account. The command prompts for the password, or reads it from the first line of standard input."""
    password = _password()
    account = ask(_opener(ctx), lambda desk: desk.sign_up(new_id(), email, password, name or email.split("@")[0], role))
    Console().print(f"{account.role.value} {account.email} {account.id}", highlight=False, markup=False)


@app.command()
def grant(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="The e-mail address of an account.")],
    role: Annotated[Role, typer.Option(help=_ROLES)],
) -> None:
    """Change the role of an account, at once. `shopper` removes the other roles."""
    account = ask(_opener(ctx), lambda desk: desk.grant(email, role))
    Console().print(f"{account.role.value} {account.email} {account.id}", highlight=False, markup=False)


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Show at most this many accounts.")] = 50,
) -> None:
    """List accounts, newest first."""
    table = Table("id", "email", "name", "role", "since")
    for account in ask(_opener(ctx), lambda desk: desk.newest(limit)):
        since = account.created_at.isoformat(timespec="seconds")
        table.add_row(str(account.id), escape(account.email), escape(account.name), account.role.value, since)
    Console().print(table)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _opener(ctx: typer.Context) -> OpenAccounts:
    opener: OpenAccounts = ctx.obj
    return opener
