"""Each check passes on a good day, fails on a day with one error, and fails without evidence."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from marketday.crowd.report import sums
from marketday.crowd.report.checks import CHECKS, judge
from marketday.crowd.report.model import Allocation, Day, Item, LedgerLine, Leftovers, Line, MallOrder

from .a_day import PRICE, SKU, answer, good_day, order_document, with_answers, with_order


def _crosses(day: Day) -> set[str]:
    return {verdict.name for verdict in judge(day) if not verdict.holds}


def test_a_good_day_has_ticks_alone_and_shows_figures() -> None:
    verdicts = judge(good_day())

    assert [verdict.name for verdict in verdicts if not verdict.holds] == []
    assert len(verdicts) == len(CHECKS) == 13
    assert all(verdict.figures and verdict.mark == "✓" for verdict in verdicts)


def test_a_day_without_evidence_has_crosses_alone() -> None:
    day = good_day()
    nothing = replace(
        day, people=0, answers=[], orders=None, ledger=None, allocations=None, receipt=None, left_behind=None
    )

    assert all(not verdict.holds and verdict.mark == "✗" for verdict in judge(nothing))


def _oversold(day: Day) -> Day:
    return replace(day, items=[Item(SKU, 2, 2)])


def _lost_unit(day: Day) -> Day:
    return replace(day, allocations=[Allocation(SKU, 10, 6)])


def _never_returned(day: Day) -> Day:
    return replace(day, allocations=[Allocation(SKU, 10, None)])


def _greedy(day: Day) -> Day:
    return with_order(day, 0, lines=(Line(SKU, 3, PRICE),))


def _greedy_in_two_orders(day: Day) -> Day:
    return with_order(with_order(day, 1, person="p0"), 2, person="p0")


def _order_lost(day: Day) -> Day:
    return replace(day, orders=list(day.orders or ())[1:])


def _order_told_only_in_the_list(day: Day) -> Day:
    return with_answers(day, answer("p1", "orders", 9, items=[order_document(99)]))


def _order_untold(day: Day) -> Day:
    extra = MallOrder("o9", "p9", "paid", PRICE, "KRW", (Line(SKU, 1, PRICE),), (("pay9", "captured"),))
    return replace(day, orders=[*(day.orders or ()), extra])


def _order_of_another(day: Day) -> Day:
    return with_order(day, 0, person="p7")


def _other_quantity(day: Day) -> Day:
    return with_order(day, 0, lines=(Line(SKU, 2, PRICE),))


def _other_total(day: Day) -> Day:
    return with_order(day, 0, total_minor=PRICE + 1)


def _money_without_order(day: Day) -> Day:
    return replace(day, ledger=[*(day.ledger or ()), LedgerLine("pay9", "captured", PRICE, "KRW")])


def _order_without_money(day: Day) -> Day:
    return replace(day, ledger=list(day.ledger or ())[1:])


def _money_crossed(day: Day) -> Day:
    lines = list(day.ledger or ())
    lines[0], lines[1] = replace(lines[0], amount_minor=PRICE + 5), replace(lines[1], amount_minor=PRICE - 5)
    return replace(day, ledger=lines)


def _money_set_aside(day: Day) -> Day:
    return replace(day, ledger=[*(day.ledger or ()), LedgerLine("pay8", "authorised", PRICE, "KRW")])


def _second_reservation_for_one_key(day: Day) -> Day:
    return with_answers(day, answer("p1", "reserve", 5, 201, key="r-key-1", id="r99", quantity=1))


def _other_quantity_for_one_key(day: Day) -> Day:
    return with_answers(day, answer("p1", "reserve", 5, 201, key="r-key-1", id="r1", quantity=2))


def _refused_after_it_was_given(day: Day) -> Day:
    return with_answers(day, answer("p1", "pay", 9, 410, key="key-1", problem="reservation-expired"))


def _foreign_seed(day: Day) -> Day:
    answers = [
        replace(each, facts={**each.facts, "seed": "ff" * 32}) if "seed" in each.facts else each for each in day.answers
    ]
    return replace(day, answers=answers)


def _two_seeds(day: Day) -> Day:
    return with_answers(day, answer("p1", "now", 5, service="gate", seed="ff" * 32, cohort=3))


def _jumped_the_queue(day: Day) -> Day:
    return with_answers(day, answer("p1", "reload", 5, service="gate", index=1, position=77))


def _place_shared(day: Day) -> Day:
    return with_answers(day, answer("p9", "join_again", 5, service="gate", index=1))


def _place_moved(day: Day) -> Day:
    return with_answers(day, answer("p1", "join_again", 5, service="gate", index=8))


def _intruder_served(day: Day) -> Day:
    return with_answers(day, answer("x", "stolen_admission", 5, 201, role="intruder", id="r5"))


def _intruder_without_a_reason(day: Day) -> Day:
    return with_answers(day, answer("x", "not_json", 5, 400, role="intruder"))


def _intruder_broke_it(day: Day) -> Day:
    return with_answers(day, answer("x", "not_json", 5, 500, role="intruder", problem="error"))


def _somebody_missing(day: Day) -> Day:
    return replace(day, people=4)


def _worker_lost(day: Day) -> Day:
    return replace(day, crowd_failure="crowd-1 ended with status 1")


def _waited_while_units_were_left(day: Day) -> Day:
    waited = {"standbys": [{"sku": each.sku, "state": "closed"} for each in day.allocations]}
    look = replace(day.answers[-1], role="buyer", action="look", status=200, problem="", facts=waited)
    return replace(day, answers=[*day.answers, look])


def _no_receipt(day: Day) -> Day:
    return replace(day, receipt=None)


def _receipt_of_another_kind(day: Day) -> Day:
    return replace(day, receipt={**(day.receipt or {}), "kind": "never-opened"})


def _receipt_for_other_orders(day: Day) -> Day:
    return replace(day, receipt={**(day.receipt or {}), "promotion": {"orders": 2}})


def _process_left(day: Day) -> Day:
    return replace(day, left_behind=Leftovers(("processes",), ("process 4242 postgres",)))


def _nobody_looked(day: Day) -> Day:
    return replace(day, left_behind=Leftovers((), ()))


@pytest.mark.parametrize(
    ("spoil", "crosses"),
    [
        (_oversold, {"sold_within_stock", "stock_adds_up"}),
        (_lost_unit, {"stock_adds_up"}),
        (_never_returned, {"stock_adds_up"}),
        (_waited_while_units_were_left, {"nobody_waited_in_vain"}),
        (_greedy, {"nobody_over_limit", "stock_adds_up", "quantities_as_told"}),
        (_greedy_in_two_orders, {"nobody_over_limit", "orders_as_told"}),
        (_order_lost, {"orders_as_told", "stock_adds_up", "money_is_orders", "hand_back_has_receipt"}),
        (_order_told_only_in_the_list, {"orders_as_told"}),
        (_order_untold, {"orders_as_told", "stock_adds_up", "money_is_orders", "hand_back_has_receipt"}),
        (_order_of_another, {"orders_as_told"}),
        (_other_quantity, {"quantities_as_told", "stock_adds_up"}),
        (_other_total, {"quantities_as_told", "money_is_orders"}),
        (_money_without_order, {"money_is_orders"}),
        (_order_without_money, {"money_is_orders"}),
        (_money_crossed, {"money_is_orders"}),
        (_money_set_aside, {"money_is_orders"}),
        (_second_reservation_for_one_key, {"repeats_gave_first_answer"}),
        (_other_quantity_for_one_key, {"repeats_gave_first_answer"}),
        (_refused_after_it_was_given, {"repeats_gave_first_answer"}),
        (_foreign_seed, {"draw_was_fair"}),
        (_two_seeds, {"draw_was_fair"}),
        (_jumped_the_queue, {"draw_was_fair"}),
        (_place_shared, {"draw_was_fair"}),
        (_place_moved, {"draw_was_fair"}),
        (_intruder_served, {"bad_actors_refused"}),
        (_intruder_without_a_reason, {"bad_actors_refused"}),
        (_intruder_broke_it, {"bad_actors_refused"}),
        (_somebody_missing, {"crowd_was_whole"}),
        (_worker_lost, {"crowd_was_whole"}),
        (_no_receipt, {"hand_back_has_receipt"}),
        (_receipt_of_another_kind, {"hand_back_has_receipt"}),
        (_receipt_for_other_orders, {"hand_back_has_receipt"}),
        (_process_left, {"nothing_left_behind"}),
        (_nobody_looked, {"nothing_left_behind"}),
    ],
)
def test_a_spoilt_day_has_its_crosses(spoil: Callable[[Day], Day], crosses: set[str]) -> None:
    assert _crosses(spoil(good_day())) - {"crowd_was_whole"} == crosses - {"crowd_was_whole"}
    assert crosses <= _crosses(spoil(good_day()))


def test_every_check_is_broken_by_some_day() -> None:
    spoilt = [mark for mark in test_a_spoilt_day_has_its_crosses.pytestmark if mark.name == "parametrize"]
    broken = set().union(*(crosses for _, crosses in spoilt[0].args[1]))

    assert broken == {check.__name__ for check in CHECKS}


def test_troubles_are_listed_but_not_all_of_them() -> None:
    day = with_answers(good_day(), *(answer("x", "quantity_0", 5, 201, role="intruder", id=str(n)) for n in range(20)))
    verdict = next(each for each in judge(day) if each.name == "bad_actors_refused")

    assert len(verdict.trouble) == 6
    assert verdict.trouble[-1] == "… 15"


@pytest.mark.parametrize(("status", "unheard"), [(0, True), (503, True), (410, False)])
def test_an_order_whose_buyer_got_no_answer_was_not_kept_secret(status: int, *, unheard: bool) -> None:
    day = _order_untold(good_day())
    asked = [answer("p9", "pay", 5, 503), answer("p9", "orders", 6, status)]
    verdict = sums.orders_as_told(replace(day, answers=[*day.answers, *asked]))
    assert verdict.holds == unheard
    assert (("unheard", "1") in verdict.figures) == unheard
