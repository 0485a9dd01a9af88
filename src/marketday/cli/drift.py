"""`marketday env drift`: what AWS has and Terraform has not, and the other way round."""

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from marketday.cli.asking import run_or_refuse
from marketday.kit.text import counted

if TYPE_CHECKING:
    from marketday.provisioners.drift.service import DriftLook

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DriftWish:
    """Which stacks to look at, none for all, and whether to tell people what is new."""

    stacks: Sequence[str]
    tell: bool


Drifting = Callable[[DriftWish, Report], Coroutine[Any, Any, "DriftLook"]]


def install_drift(app: typer.Typer, drift: Drifting) -> None:
    """Add the command `drift`; `drift` looks."""

    @app.command(name="drift")
    def look_for_drift(
        stacks: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[STACK]...", help="States to look at, such as prod. Default: all, and what no state has."
            ),
        ] = None,
        *,
        tell: Annotated[
            bool, typer.Option("--tell", help="Tell Slack what is new since the last time, and what is right again.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Show what differs between AWS and Terraform's states. Changes nothing. Exit status 1: something differs.

        Works on AWS only, where Terraform is on the path. It needs rights to read, and no lock.
        """
        if tell and stacks:
            raise typer.BadParameter(f"{' '.join(stacks)} with --tell; expected no names: all that is told is compared")
        console = Console(stderr=True, highlight=False)

        def report(line: str) -> None:
            console.print(line, markup=False, soft_wrap=True, style="dim")

        look = run_or_refuse(drift(DriftWish(stacks or (), tell), report))
        if as_json:
            shown = {"stacks": look.stacks, "resources": look.resources, "left_out": look.left_out}
            typer.echo(
                json.dumps({**shown, "found": [asdict(each) for each in look.found]}, indent=2, ensure_ascii=False)
            )
        else:
            _show(look)
        raise typer.Exit(1 if look.found else 0)


def _show(look: "DriftLook") -> None:
    for each in look.found:
        typer.echo(str(each))
    looked = f"looked at {counted(look.resources, 'resource')} of {', '.join(look.stacks) or 'no stack'}"
    if look.left_out:
        looked += f"; not at {counted(len(look.left_out), 'content')} of secrets, which takes the right to read them"
    if look.in_clusters:
        looked += f"; {counted(look.in_clusters, 'thing')} that a cluster made for itself not listed"
    typer.echo(f"{looked}. {counted(len(look.found), 'difference') if look.found else 'Nothing differs'}")
