"""Check whether the mall has the goods that a drop wants, and show the result."""

from typing import Protocol

import typer
from rich.console import Console

from marketday.drops.definition import DropDefinition
from marketday.drops.goods import Good, doubtful, lacking


class GoodsOf(Protocol):
    """Reads the mall's goods."""

    async def __call__(self, definition: DropDefinition) -> dict[str, Good]:
        """Return the goods that the drop wants and the mall has, by SKU."""
        ...


async def check_goods(goods_of: GoodsOf | None, definition: DropDefinition) -> None:
    """Warn of what looks like a mistake. If the mall cannot lend something, list it and exit with status 1."""
    console = Console(stderr=True)
    if goods_of is None:
        words = (
            "The mall's stock cannot be read from here. Whether it has the goods of the drop is checked at hand-over."
        )
        console.print(words, style="yellow", soft_wrap=True)
        return
    goods = await goods_of(definition)
    for words in doubtful(definition.products, goods):
        console.print(words, style="yellow", markup=False, highlight=False, soft_wrap=True)
    mistakes = lacking(definition.products, goods)
    if not mistakes:
        return
    console.print("The mall cannot lend the goods that the drop wants", style="red", soft_wrap=True)
    for mistake in mistakes:
        console.print(f"  {mistake}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
