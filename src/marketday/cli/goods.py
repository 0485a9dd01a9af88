"""What a command says of the goods that a drop wants of the mall."""

from typing import Protocol

import typer
from rich.console import Console

from marketday.drops.definition import DropDefinition
from marketday.drops.goods import Good, doubtful, lacking


class GoodsOf(Protocol):
    """Knows the mall's goods."""

    async def __call__(self, definition: DropDefinition) -> dict[str, Good]:
        """Return those that a drop wants and the mall has, by SKU."""
        ...


async def check_goods(goods_of: GoodsOf | None, definition: DropDefinition) -> None:
    """Say what is seldom meant; name all that the mall cannot lend, and end with status 1 when there is any."""
    console = Console(stderr=True)
    if goods_of is None:
        words = (
            "The mall's stock cannot be looked at from here; whether it has what the drop wants is seen at hand-over."
        )
        console.print(words, style="yellow", soft_wrap=True)
        return
    goods = await goods_of(definition)
    for words in doubtful(definition.products, goods):
        console.print(words, style="yellow", markup=False, highlight=False, soft_wrap=True)
    mistakes = lacking(definition.products, goods)
    if not mistakes:
        return
    console.print("The mall cannot lend what the drop wants", style="red", soft_wrap=True)
    for mistake in mistakes:
        console.print(f"  {mistake}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
