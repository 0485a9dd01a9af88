"""The claims of which hypotheses consist. Each is a pure function of a game day's course."""

from collections.abc import Callable, Iterable, Sequence

from marketday.crowd.journal import Answer, VisitorRole
from marketday.crowd.report.checks import judge
from marketday.crowd.report.evidence import failed, told_orders
from marketday.crowd.report.model import Verdict
from marketday.crowd.report.verdicts import judged, missing
from marketday.gameday.model import Conclusion, Course, MomentKind
from marketday.gameday.money import promises
from marketday.gameday.seconds import Outage, arrived, outage

Claim = Callable[[Course], Verdict]
_UNDER_WAY_SECONDS = 3.0
_SENT_AWAY = frozenset(
    {"drop-closed", "expired-token", "invalid-token", "expired-admission", "admission-expired", "reservation-expired"}
)
_OPENING_SECONDS = 30.0  # people look around and fill in the checkout before the first of them pays
LEAST_ORDERS = 3  # told before the fault: otherwise the fault did not meet a sale


def conclude(course: Course, claims: Sequence[Claim]) -> Conclusion:
    """Return whether the hypothesis, which consists of `claims`, held."""
    promised = promises(course.day)
    begins = course.fault.begins if course.fault else 0.0
    gone = promised.lost | promised.given_back
    ages = [begins - promised.told[order] for order in gone]
    away = pause_of(course)
    return Conclusion(
        claims=[claim(course) for claim in claims],
        sums=judge(course.day),
        rpo_orders=len(gone),
        rpo_seconds=max([0.0, *ages]),
        rto_seconds=away.rto,
        outage_seconds=away.longest,
    )


def pause_of(course: Course) -> Outage:
    """Return how long the shop was away, by the answers that prove that it works."""
    if course.fault is None:
        return Outage(None, 0.0, 0.0)
    begins = max(course.fault.begins, course.planned_opening)  # before the opening nobody can pay
    return outage(proofs(course.day.answers, course.target.actions), begins, max(begins, course.fault.ends))


def proofs(answers: Iterable[Answer], actions: frozenset[str]) -> list[float]:
    """Return the moments of the good answers to `actions`; of `pay`, only those that tell an order."""
    return [
        arrived(answer)
        for answer in answers
        if answer.role != VisitorRole.INTRUDER
        and f"{answer.service} {answer.action}" in actions
        and answer.good
        and (answer.action != "pay" or told_orders([answer]))
    ]


def sold_at_its_hour(course: Course) -> Verdict:
    """Check that the drop opened when it was planned: its first order was paid soon after the first planned opening."""
    opened = list(promises(course.day).told.values())
    planned = course.planned_opening
    late = min(opened) - planned if opened else None
    figures = (
        ("first_order", "-" if late is None else f"{late:+.1f} s"),
        ("promised", f"{_OPENING_SECONDS:g} s"),
        ("told", str(len(opened))),
    )
    return judged("sold_at_its_hour", figures, holds=late is not None and 0 <= late <= _OPENING_SECONDS)


def drawn_at_its_hour(course: Course) -> Verdict:
    """Check that nobody saw the draw's seed before the planned opening: the draw was not made early."""
    seen = [arrived(answer) for answer in course.day.answers if answer.facts.get("seed")]
    early = min(seen) - course.planned_opening if seen else None
    figures = (("seed_seen", "-" if early is None else f"{early:+.1f} s"),)
    return judged("drawn_at_its_hour", figures, holds=early is not None and early >= 0)


def nobody_sent_away(course: Course) -> Verdict:
    """Check that nobody was told that the drop, an identity, an admission or a hold is over, while it sold."""
    last = course.fault.ends if course.fault else 0.0
    wrong = [
        f"{answer.action}: {answer.problem or 'closed'}"
        for answer in course.day.answers
        if answer.role == VisitorRole.BUYER
        and course.planned_opening <= arrived(answer) <= last
        and (answer.problem in _SENT_AWAY or answer.facts.get("phase") == "closed")
    ]
    buyers = sum(1 for answer in course.day.answers if answer.role == VisitorRole.BUYER)
    return judged(
        "nobody_sent_away", (("answers", str(buyers)), ("sent_away", str(len(wrong)))), wrong, holds=bool(buyers)
    )


def met_a_sale(course: Course) -> Verdict:
    """Check that the fault met a sale: people had bought before it, and more of them bought after its beginning."""
    if course.fault is None:
        return missing("met_a_sale", "fault")
    told = promises(course.day).told.values()
    before = sum(1 for at in told if at < course.fault.begins)
    figures = (("told_before", str(before)), ("told_since", str(len(told) - before)))
    return judged("met_a_sale", figures, holds=before >= LEAST_ORDERS)


def no_order_lost(course: Course) -> Verdict:
    """Check that the mall has every paid order that was told, or that the gateway gave its money back."""
    if course.day.orders is None or course.day.ledger is None:
        return missing("no_order_lost", "orders, ledger")
    each = promises(course.day)
    figures = (
        ("told", str(len(each.told))),
        ("in_mall", str(len(each.kept))),
        ("given_back", str(len(each.given_back))),
        ("lost", str(len(each.lost))),
    )
    return judged("no_order_lost", figures, sorted(each.lost), holds=bool(each.told))


def no_told_order_gone(course: Course) -> Verdict:
    """Check that the mall has every paid order that was told: RPO 0."""
    if course.day.orders is None or course.day.ledger is None:
        return missing("no_told_order_gone", "orders, ledger")
    each = promises(course.day)
    gone = each.lost | each.given_back
    figures = (("told", str(len(each.told))), ("in_mall", str(len(each.kept))), ("gone", str(len(gone))))
    return judged("no_told_order_gone", figures, sorted(gone), holds=bool(each.told))


def no_money_kept(course: Course) -> Verdict:
    """Check that the gateway took no money without an order, and that none is still set aside."""
    if course.day.orders is None or course.day.ledger is None:
        return missing("no_money_kept", "orders, ledger")
    each = promises(course.day)
    figures = (
        ("payments", str(len(course.day.ledger))),
        ("without_order", str(len(each.keeps))),
        ("set_aside", str(len(each.set_aside))),
    )
    trouble = [f"taken: {reference}" for reference in sorted(each.keeps)]
    trouble += [f"set aside: {reference}" for reference in sorted(each.set_aside)]
    return judged("no_money_kept", figures, trouble)


def back_in_time(course: Course) -> Verdict:
    """Check that the shop came back, and within the time that the hypothesis promises."""
    away, target = pause_of(course), course.target
    if course.fault is None:
        return missing("back_in_time", "fault")
    offset = course.fault.ends - course.fault.begins if target.from_end else 0.0
    taken = None if away.rto is None else max(away.rto - offset, 0.0)
    figures = (
        ("took", "-" if taken is None else f"{taken:.1f} s"),
        ("promised", "-" if target.seconds is None else f"{target.seconds:g} s"),
        ("longest_pause", f"{away.longest:.1f} s"),
        ("usual_pause", f"{away.usual:.1f} s"),
    )
    return judged("back_in_time", figures, holds=taken is not None and (not target.seconds or taken <= target.seconds))


def sums_hold(course: Course) -> Verdict:
    """Check that every sum of an undisturbed day holds too."""
    sums = judge(course.day)
    figures = (("sums", str(len(sums))), ("hold", str(sum(each.holds for each in sums))))
    return judged("sums_hold", figures, [f"{each.name}: {_why(each)}" for each in sums if not each.holds])


def mall_unharmed(course: Course) -> Verdict:
    """Check that no visitor of the mall saw a failure from the fault's beginning on."""
    return _without_failures("mall_unharmed", course, lambda _: True)


def stock_safe(course: Course) -> Verdict:
    """Check that no item was sold more often than there are units of it, by what people were told."""
    units: dict[str, int] = {}
    for answer in course.day.answers:
        if answer.role == VisitorRole.BUYER:
            units |= {order.id: order.units for order in told_orders([answer]) if order.state == "paid"}
    stock = sum(item.stock for item in course.day.items)
    figures = (("sold", str(sum(units.values()))), ("stock", str(stock)))
    return judged("stock_safe", figures, holds=sum(units.values()) <= stock)


def units_came_home(course: Course) -> Verdict:
    """Check that the mall has back every lent unit that was not sold."""
    lent = course.day.allocations
    if not lent:
        return missing("units_came_home", "allocations")
    away = [f"{each.sku}: {each.quantity}" for each in lent if each.returned is None]
    figures = (
        ("lent", str(sum(each.quantity for each in lent))),
        ("returned", str(sum(each.returned or 0 for each in lent))),
    )
    return judged("units_came_home", figures, away)


def _why(verdict: Verdict) -> str:
    return "; ".join(verdict.trouble) or ", ".join(f"{name} {value}" for name, value in verdict.figures)


def nobody_told_too_early(course: Course) -> Verdict:
    """Check that nobody was told of a paid order while the gateway, which alone can say so, was away.

    An answer that was under way when the gateway ended may still arrive in the first seconds.
    """
    if course.fault is None:
        return missing("nobody_told_too_early", "fault")
    begins, ends = course.fault.begins + _UNDER_WAY_SECONDS, course.fault.ends
    told = [at for at in proofs(course.day.answers, frozenset({"store pay"})) if begins <= at < ends]
    return judged("nobody_told_too_early", (("told_in_fault", str(len(told))),), holds=not told)


def pages_unharmed(course: Course) -> Verdict:
    """Check that every page of the mall was answered from the fault's beginning on; paying is another matter."""
    return _without_failures("pages_unharmed", course, lambda answer: answer.action != "checkout")


def _without_failures(name: str, course: Course, counts: Callable[[Answer], bool]) -> Verdict:
    if course.fault is None:
        return missing(name, "fault")
    begins = course.fault.begins
    since = [
        answer
        for answer in course.day.answers
        if answer.role == VisitorRole.SHOPPER and arrived(answer) >= begins and counts(answer)
    ]
    broken = [f"{answer.action}: {answer.status or answer.problem}" for answer in since if failed(answer)]
    return judged(name, (("answers", str(len(since))), ("failed", str(len(broken)))), broken, holds=bool(since))


def drop_undisturbed(course: Course) -> Verdict:
    """Check that orders of the drop were paid on during the fault, without any unusual pause."""
    if course.fault is None:
        return missing("drop_undisturbed", "fault")
    paid = proofs(course.day.answers, frozenset({"store pay"}))
    away = outage(paid, course.fault.begins, course.fault.ends)
    inside = sum(1 for at in paid if course.fault.begins <= at < course.fault.ends)
    figures = (
        ("told_in_fault", str(inside)),
        ("longest_pause", f"{away.longest:.1f} s"),
        ("usual_pause", f"{away.usual:.1f} s"),
    )
    return judged("drop_undisturbed", figures, holds=inside >= LEAST_ORDERS and not away.notable)


def nobody_acted(course: Course) -> Verdict:
    """Check that no command of an operator was run."""
    acts = [moment.values.get("command", "") for moment in course.moments if moment.kind is MomentKind.OPERATOR]
    figures = (("commands", str(len(acts))), ("ended", course.ended))
    return judged("nobody_acted", figures, acts, holds=course.ended == "destroyed")


def messages_arrived(course: Course) -> Verdict:
    """Check that Slack was called in vain while it was silent, and that what was to be said arrived afterwards."""
    asked, told = (course.facts.get(name, "0") for name in ("slack_asked", "slack_messages"))
    figures = (("in_vain", asked), ("messages", told))
    return judged("messages_arrived", figures, holds=int(asked) > 0 and int(told) > 0)


def payments_missed(course: Course) -> Verdict:
    """Check that the fault was felt: people pressed `pay` while it lasted, and were told of no order."""
    if course.fault is None:
        return missing("payments_missed", "fault")
    begins, ends = course.fault.begins, course.fault.ends
    pressed = [answer for answer in course.day.answers if answer.action == "pay" and begins <= arrived(answer) < ends]
    missed = [answer for answer in pressed if not told_orders([answer]) and (answer.good or failed(answer))]
    figures = (("pressed", str(len(pressed))), ("missed", str(len(missed))))
    return judged("payments_missed", figures, holds=bool(missed))


def delivery_was_refused(course: Course) -> Verdict:
    """Check that the pipeline refused a delivery while the drop sold, and lets it pass when its orders are home."""
    during, after = (course.facts.get(name, "-") for name in ("delivery_in_drop", "delivery_after"))
    figures = (("delivery_in_drop", during), ("delivery_after", after))
    return judged("delivery_was_refused", figures, holds=(during, after) == ("refused", "allowed"))
