"""The stock of a drop, and what it means for people who wait."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketday.catalog.stock import StockState, stock_state


@dataclass(frozen=True, slots=True)
class StockLevel:
    """The stock of one item, in units."""

    sku: str
    total: int
    reserved: int
    sold: int

    @property
    def left(self) -> int:
        """The units that can still be reserved."""
        return self.total - self.reserved - self.sold

    @property
    def state(self) -> StockState:
        """What the item's stock means for people who wait."""
        return stock_state(left=self.left, reserved=self.reserved)


@dataclass(frozen=True, slots=True)
class StockSummary:
    """The stock of a whole drop, in units, and of each item."""

    total: int
    reserved: int
    sold: int
    items: tuple[StockLevel, ...]

    @property
    def left(self) -> int:
        """The units that can still be reserved."""
        return self.total - self.reserved - self.sold

    @property
    def state(self) -> StockState:
        """What the drop's stock means for people who wait; a drop is sold out only if every item is."""
        return stock_state(left=self.left, reserved=self.reserved)


def summarise(levels: Iterable[StockLevel]) -> StockSummary:
    """Return the sums over the items of one drop."""
    items = tuple(levels)
    return StockSummary(
        total=sum(level.total for level in items),
        reserved=sum(level.reserved for level in items),
        sold=sum(level.sold for level in items),
        items=items,
    )
