"""All checks of a day, in the order of the report; a check without evidence fails."""

from collections.abc import Callable

from marketday.crowd.report import conduct, sums
from marketday.crowd.report.model import Day, Verdict

CHECKS: tuple[Callable[[Day], Verdict], ...] = (
    sums.sold_within_stock,
    sums.stock_adds_up,
    sums.nobody_waited_in_vain,
    sums.nobody_over_limit,
    sums.orders_as_told,
    sums.quantities_as_told,
    sums.money_is_orders,
    conduct.repeats_gave_first_answer,
    conduct.draw_was_fair,
    conduct.bad_actors_refused,
    conduct.crowd_was_whole,
    conduct.hand_back_has_receipt,
    conduct.nothing_left_behind,
)


def judge(day: Day) -> list[Verdict]:
    """Return the result of every check."""
    return [check(day) for check in CHECKS]
