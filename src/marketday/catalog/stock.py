"""How much stock is left, in the words that are shown to people. Pure."""

from enum import StrEnum


class StockState(StrEnum):
    """What the stock means for people who want to buy."""

    AVAILABLE = "available"
    ALL_RESERVED = "all_reserved"  # nothing is left now, but a reservation that expires gives back
    SOLD_OUT = "sold_out"


def stock_state(*, left: int, reserved: int) -> StockState:
    """Return what to show people if `left` units are free and `reserved` units are held."""
    if left > 0:
        return StockState.AVAILABLE
    return StockState.ALL_RESERVED if reserved > 0 else StockState.SOLD_OUT
