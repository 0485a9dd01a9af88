"""Checks of the sale: stock, limits, orders, money. Pure functions of the day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from marketday.crowd.report.evidence import line_ends, told_orders, without_an_answer
from marketday.crowd.report.model import Day, MallOrder, Verdict
from marketday.crowd.report.verdicts import judged, missing
from marketday.kit.money import decimal_amount

PAID = "paid"


def _paid(orders: Sequence[MallOrder]) -> list[MallOrder]:
    return [order for order in orders if order.state == PAID]


def _sold(orders: Sequence[MallOrder]) -> Counter[str]:
    sold: Counter[str] = Counter()
    for order in _paid(orders):
        for line in order.lines:
            sold[line.sku] += line.quantity
    return sold


def sold_within_stock(day: Day) -> Verdict:
    """Units sold ≤ stock, for each item, by the mall's orders."""
    if day.orders is None or not day.items:
        return missing("sold_within_stock", "orders, items")
    sold = _sold(day.orders)
    stock = {item.sku: item.stock for item in day.items}
    over = [f"{sku}: {units} > {stock.get(sku, 0)}" for sku, units in sorted(sold.items()) if units > stock.get(sku, 0)]
    figures = (("sold", str(sold.total())), ("stock", str(sum(stock.values()))))
    return judged("sold_within_stock", figures, over)


def stock_adds_up(day: Day) -> Verdict:
    """Reserved + sold + left = stock; after the hand-back nothing may still be reserved."""
    if day.orders is None or not day.allocations or not day.items:
        return missing("stock_adds_up", "orders, allocations")
    sold = _sold(day.orders)
    lent = {each.sku: each for each in day.allocations}
    trouble: list[str] = []
    left = reserved = 0
    for item in day.items:
        allocation = lent.get(item.sku)
        if allocation is None or allocation.returned is None or allocation.quantity != item.stock:
            trouble.append(f"{item.sku}: lent {allocation.quantity if allocation else None}, stock {item.stock}")
            continue
        left += allocation.returned
        open_units = item.stock - sold[item.sku] - allocation.returned
        reserved += open_units
        if open_units != 0:
            trouble.append(f"{item.sku}: {sold[item.sku]} + {allocation.returned} ≠ {item.stock}")
    figures = (
        ("reserved", str(reserved)),
        ("sold", str(sold.total())),
        ("left", str(left)),
        ("stock", str(sum(item.stock for item in day.items))),
    )
    return judged("stock_adds_up", figures, trouble)


def nobody_waited_in_vain(day: Day) -> Verdict:
    """No unit of an item is left over if somebody waited in line for it until the end."""
    if not day.allocations or not day.answers:
        return missing("nobody_waited_in_vain", "allocations, answers")
    ended = line_ends(day.answers)
    in_vain = Counter(sku for (_, sku), state in ended.items() if state == "closed")
    left = {each.sku: each.returned or 0 for each in day.allocations}
    trouble = [f"{sku}: {count} waited, {left[sku]} left" for sku, count in sorted(in_vain.items()) if left.get(sku)]
    figures = (
        ("left", str(sum(left.values()))),
        ("stood_by", str(len({person for person, _ in ended}))),
        ("in_vain", str(in_vain.total())),
    )
    return judged("nobody_waited_in_vain", figures, trouble)


def nobody_over_limit(day: Day) -> Verdict:
    """Nobody has more units of an item than the limit, in all their orders together."""
    if day.orders is None or not day.items:
        return missing("nobody_over_limit", "orders, items")
    limits = {item.sku: item.limit_per_person for item in day.items}
    taken: Counter[tuple[str, str]] = Counter()
    for order in _paid(day.orders):
        for line in order.lines:
            taken[order.person, line.sku] += line.quantity
    over = [f"{who}: {units} × {sku}" for (who, sku), units in sorted(taken.items()) if units > limits.get(sku, 0)]
    figures = (
        ("buyers", str(len({who for who, _ in taken}))),
        ("most", str(max(taken.values(), default=0))),
        ("limit", ", ".join(str(limit) for limit in limits.values())),
    )
    return judged("nobody_over_limit", figures, over)


def orders_as_told(day: Day) -> Verdict:
    """Every order that was shown to the crowd is in the mall, for the same person, and the mall has no other order.

    Except orders of people who got no answer when they last asked, because the store was too busy: such an order is
    real, but nobody could be told.
    """
    if day.orders is None or not day.answers:
        return missing("orders_as_told", "orders, answers")
    told = {(order.id, order.person) for order in told_orders(day.answers) if order.state == PAID}
    have = {(order.id, order.person) for order in _paid(day.orders)}
    trouble = [f"told, not in the mall: {order}" for order, _ in sorted(told - have)]
    unanswered = without_an_answer(day.answers)
    unheard = {(order, person) for order, person in have - told if person in unanswered}
    trouble += [f"in the mall, never told: {order}" for order, _ in sorted(have - told - unheard)]
    figures = [("told", str(len(told))), ("in_mall", str(len(have))), ("both", str(len(told & have)))]
    figures += [("unheard", str(len(unheard)))] if unheard else []
    return judged("orders_as_told", tuple(figures), trouble)


def quantities_as_told(day: Day) -> Verdict:
    """Every order has the quantity and the total of every answer that its buyer got."""
    if day.orders is None or not day.answers:
        return missing("quantities_as_told", "orders, answers")
    have = {order.id: (sum(line.quantity for line in order.lines), order.total_minor) for order in day.orders}
    tellings = [told for told in told_orders(day.answers) if told.id in have]
    trouble = {
        f"{told.id}: {told.units}, {told.total_minor} ≠ {have[told.id][0]}, {have[told.id][1]}"
        for told in tellings
        if told.units != have[told.id][0] or told.total_minor not in {None, have[told.id][1]}
    }
    figures = (("tellings", str(len(tellings))), ("orders", str(len({told.id for told in tellings}))))
    return judged("quantities_as_told", figures, sorted(trouble), holds=bool(tellings))


def money_is_orders(day: Day) -> Verdict:
    """Money taken (captured and not refunded, in the gateway's ledger) = orders paid, in total and for each order."""
    if day.orders is None or not day.ledger:
        return missing("money_is_orders", "orders, ledger")
    taken = {line.reference: line for line in day.ledger if line.state == "captured"}
    paid = _paid(day.orders)
    trouble: list[str] = []
    for order in paid:
        captured = [reference for reference, state in order.payments if state == "captured"]
        lines = [taken[reference] for reference in captured if reference in taken]
        have = _sums((line.currency, line.amount_minor) for line in lines)
        wanted = _sums([(order.currency, order.total_minor)])
        if have != wanted and (lines or order.total_minor):
            trouble.append(f"{order.id}: {have} ≠ {wanted}")
    known = {reference for order in paid for reference, _ in order.payments}
    trouble += [f"taken without an order: {reference}" for reference in sorted(taken.keys() - known)]
    trouble += [f"still set aside: {line.reference}" for line in day.ledger if line.state == "authorised"]
    figures = (
        ("taken", _sums((line.currency, line.amount_minor) for line in taken.values())),
        ("orders", _sums((order.currency, order.total_minor) for order in paid)),
        ("payments", str(len(day.ledger))),
    )
    return judged("money_is_orders", figures, trouble, holds=figures[0][1] == figures[1][1])


def _sums(amounts: Iterable[tuple[str, int]]) -> str:
    sums: defaultdict[str, int] = defaultdict(int)
    for currency, minor in amounts:
        sums[currency] += minor
    each = (f"{decimal_amount(minor, currency):,f} {currency}" for currency, minor in sorted(sums.items()))
    return ", ".join(each) or "0"
