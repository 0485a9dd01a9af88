"""How a command uses what its `ctx.obj` opens, and how it shows errors."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console

from marketday.kit.errors import MarketdayError

_Opened = TypeVar("_Opened")
_T = TypeVar("_T")


def ask(
    opener: Callable[[], AbstractAsyncContextManager[_Opened]],
    work: Callable[[_Opened], Awaitable[_T]],
    about: str = "",
) -> _T:
    """Open, do `work`, close. An error ends the command with status 1 and a message that begins with `about`."""

    async def run() -> _T:
        async with opener() as opened:
            return await work(opened)

    return run_or_refuse(run(), about)


def run_or_refuse(work: Coroutine[Any, Any, _T], about: str = "") -> _T:
    """Do `work`. An error ends the command with status 1 and a message that begins with `about`."""
    try:
        return asyncio.run(work)
    except MarketdayError as error:
        refuse(f"{about}{error.title}: {error.detail}" if error.detail else f"{about}{error.title}")


def refuse(message: str) -> NoReturn:
    """Print an error message, and exit with status 1."""
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
