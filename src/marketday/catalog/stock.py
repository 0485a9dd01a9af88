"""What is left of goods, as people are told. Pure."""

from enum import StrEnum


class StockState(StrEnum):
    """What a stock means to those who want something of it."""

    AVAILABLE = "available"
    ALL_RESERVED = "all_reserved"  # nothing is left now, but a reservation that expires gives back
    SOLD_OUT = "sold_out"


def stock_state(*, left: int, reserved: int) -> StockState:
    """Return what to tell of a stock with `left` free and `reserved` held units."""
    if left > 0:
        return StockState.AVAILABLE
    return StockState.ALL_RESERVED if reserved > 0 else StockState.SOLD_OUT
