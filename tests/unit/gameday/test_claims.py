from collections.abc import Callable
from dataclasses import replace

import pytest

from marketday.gameday import claims
from marketday.gameday.claims import Claim, conclude
from marketday.gameday.model import Course, Moment, MomentKind, TimeTarget

from .a_game import ORDERS, PAID_ORDER, STOCK, ZERO, a_course, answer, order, paid, told, with_day

DAY = a_course()


def without_order(course: Course) -> Course:
    return with_day(course, orders=[order(number) for number in range(1, ORDERS)])


def with_answers(*more: object) -> Course:
    return with_day(DAY, answers=[*DAY.day.answers, *more])


def refunded() -> Course:
    return with_day(without_order(DAY), ledger=[paid(0, "refunded"), *(paid(number) for number in range(1, ORDERS))])


HOLDS: list[tuple[Claim, Course]] = [
    (claims.met_a_sale, DAY),
    (claims.no_order_lost, DAY),
    (claims.no_order_lost, refunded()),
    (claims.no_told_order_gone, DAY),
    (claims.no_money_kept, DAY),
    (claims.back_in_time, DAY),
    (claims.mall_unharmed, DAY),
    (claims.pages_unharmed, with_answers(answer(12, "checkout", 502, role="shopper", service="mall"))),
    (claims.stock_safe, DAY),
    (claims.units_came_home, DAY),
    (claims.nobody_told_too_early, a_course(quiet=(10, 21))),
    (claims.sold_at_its_hour, DAY),
    (claims.drawn_at_its_hour, with_answers(answer(0.1, "now", service="gate", seed="00"))),
    (claims.nobody_sent_away, DAY),
    (claims.drop_undisturbed, a_course(quiet=(10, 10))),
    (claims.nobody_acted, replace(DAY, ended="destroyed")),
    (claims.messages_arrived, replace(DAY, facts={"slack_asked": "3", "slack_messages": "1"})),
    (claims.payments_missed, with_answers(answer(12, "pay", 503))),
    (claims.delivery_was_refused, replace(DAY, facts={"delivery_in_drop": "refused", "delivery_after": "allowed"})),
]
BREAKS: list[tuple[Claim, Course]] = [
    (claims.met_a_sale, a_course(fault=(1, 5))),
    (claims.met_a_sale, a_course(fault=None)),
    (claims.no_order_lost, without_order(DAY)),
    (claims.no_order_lost, with_day(DAY, orders=None)),
    (claims.no_order_lost, with_day(DAY, answers=[])),
    (claims.no_told_order_gone, refunded()),
    (claims.no_told_order_gone, with_day(DAY, ledger=None)),
    (claims.no_money_kept, without_order(DAY)),
    (claims.no_money_kept, with_day(DAY, ledger=[*(DAY.day.ledger or ()), paid(99, "authorised")])),
    (claims.no_money_kept, with_day(DAY, ledger=None)),
    (claims.back_in_time, a_course(quiet=(10, 26))),
    (claims.back_in_time, a_course(fault=None)),
    (claims.back_in_time, with_day(DAY, answers=[told(number, number) for number in range(5)])),
    (claims.mall_unharmed, with_answers(answer(12, "home", 502, role="shopper", service="mall"))),
    (claims.mall_unharmed, with_day(DAY, answers=[])),
    (claims.pages_unharmed, with_answers(answer(12, "home", 0, role="shopper", service="mall"))),
    (claims.stock_safe, with_answers(*(told(100 + number, 21) for number in range(STOCK)))),
    (claims.units_came_home, with_day(DAY, allocations=[replace(DAY.day.allocations[0], returned=None)])),  # type: ignore[index]
    (claims.units_came_home, with_day(DAY, allocations=None)),
    (claims.nobody_told_too_early, with_answers(told(99, 15))),
    (claims.sold_at_its_hour, replace(DAY, planned_opening=ZERO - 60)),
    (claims.sold_at_its_hour, replace(DAY, planned_opening=ZERO + 60)),
    (claims.drawn_at_its_hour, with_answers(answer(-0.1, "now", service="gate", seed="00"))),
    (claims.drawn_at_its_hour, DAY),
    (claims.nobody_sent_away, with_answers(answer(15, "reserve", 410, problem="drop-closed"))),
    (claims.nobody_sent_away, with_answers(answer(15, "now", service="gate", phase="closed"))),
    (claims.drop_undisturbed, DAY),
    (claims.nobody_acted, replace(DAY, ended="failed")),
    (claims.nobody_acted, replace(DAY, ended="destroyed", moments=[Moment(ZERO, MomentKind.OPERATOR, "command")])),
    (claims.messages_arrived, replace(DAY, facts={"slack_asked": "3", "slack_messages": "0"})),
    (claims.messages_arrived, DAY),
    (claims.payments_missed, DAY),
    (claims.payments_missed, a_course(fault=None)),
    (claims.delivery_was_refused, replace(DAY, facts={"delivery_in_drop": "broken", "delivery_after": "allowed"})),
    (claims.delivery_was_refused, replace(DAY, facts={"delivery_in_drop": "refused", "delivery_after": "refused"})),
    (claims.delivery_was_refused, replace(DAY, facts={"delivery_in_drop": "allowed", "delivery_after": "allowed"})),
    (claims.sums_hold, DAY),
]


def _name(value: object) -> str:
    return value.__name__ if callable(value) else ""


@pytest.mark.parametrize(("claim", "course"), HOLDS, ids=_name)
def test_a_claim_holds_on_a_day_of_which_it_is_true(claim: Callable[[Course], object], course: Course):
    verdict = claim(course)
    assert verdict.holds, verdict  # type: ignore[attr-defined]


@pytest.mark.parametrize(("claim", "course"), BREAKS, ids=_name)
def test_a_claim_breaks_on_a_day_of_which_it_is_not_true(claim: Callable[[Course], object], course: Course):
    assert not claim(course).holds  # type: ignore[attr-defined]


def test_the_conclusion_has_rpo_and_rto():
    conclusion = conclude(DAY, (claims.met_a_sale, claims.no_order_lost))
    assert (conclusion.held, conclusion.rpo_orders) == (True, 0)
    assert conclusion.rto_seconds == pytest.approx(8.02)


def test_an_order_whose_money_is_back_is_lost_all_the_same():
    conclusion = conclude(refunded(), (claims.no_order_lost,))
    assert (conclusion.held, conclusion.rpo_orders) == (True, 1)
    assert conclusion.rpo_seconds == pytest.approx(9.98)


def test_one_claim_that_breaks_breaks_the_hypothesis_and_none_proves_nothing():
    conclusion = conclude(without_order(DAY), (claims.met_a_sale, claims.no_order_lost))
    assert (conclusion.held, [each.name for each in conclusion.broken]) == (False, ["no_order_lost"])
    assert not conclude(DAY, ()).held


def test_a_target_may_count_from_the_end_of_the_fault():
    late = replace(a_course(quiet=(10, 26)), target=TimeTarget(PAID_ORDER, 7.0, from_end=True))
    assert claims.back_in_time(late).holds
