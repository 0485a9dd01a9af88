"""Checks of how the day was run: repeated presses, draw, intruders, hand-back, leftovers. Pure functions of the day."""

from collections import Counter
from collections.abc import Sequence

from marketday.crowd.journal import VisitorRole
from marketday.crowd.report.evidence import FAULT, Press, draw_evidence, presses
from marketday.crowd.report.model import Day, Verdict
from marketday.crowd.report.verdicts import judged, missing
from marketday.waitingroom.draw import commitment, permutation

# Answers that refuse finally (RFC 9110, section 15.5). 401 is not one of them, because an admission may have expired.
_REFUSED = frozenset({402, 403, 404, 409, 410, 422})
_AWAY = frozenset({0, 429, 502, 503, 504})  # the service did not answer, so the attempt does not count
HANDED_BACK = "handed-back"


def repeats_gave_first_answer(day: Day) -> Verdict:
    """Check that pressing a button again with the same key gave the answer of the first press."""
    pressed = presses(day.answers)
    answered = {key: each for key, each in pressed.items() if any(press.gave for press in each)}
    if not answered:
        return missing("repeats_gave_first_answer", "repeated presses")
    trouble = [
        f"{person} {action}: {_distinct(each)}" for (person, action, _), each in answered.items() if _differs(each)
    ]
    figures = (("buttons", str(len(pressed))), ("presses", str(sum(len(each) for each in pressed.values()))))
    return judged("repeats_gave_first_answer", figures, trouble)


def _differs(pressed: Sequence[Press]) -> bool:
    given = [press for press in pressed if press.gave]
    if not given:
        return False
    known = min(press.answered for press in given)
    taken_back = any(press.asked > known and press.status in _REFUSED for press in pressed)
    return taken_back or len({press.gave for press in given}) > 1


def _distinct(pressed: Sequence[Press]) -> str:
    return " ≠ ".join(sorted({press.gave or f"{press.status} {press.problem}" for press in pressed}))


def draw_was_fair(day: Day) -> Verdict:
    """Check that the published seed matches the commitment published before, and that all positions follow from it."""
    seen = draw_evidence(day.answers)
    if len(seen.commitments) != 1 or len(seen.seeds) != 1 or not seen.positions:
        counts = f"{len(seen.commitments)} commitments, {len(seen.seeds)} seeds, {len(seen.positions)} positions"
        return missing("draw_was_fair", counts)
    (promised,), ((seed_text, cohort),) = seen.commitments, seen.seeds
    seed = bytes.fromhex(seed_text)
    trouble = [] if commitment(seed).hex() == promised else [f"sha256({seed_text}) ≠ {promised}"]
    for person, index, told in seen.positions:
        expected = permutation(seed, index, cohort) if index < cohort else index
        if told != expected:
            trouble.append(f"{person}: {told} ≠ {expected}")
    shared = Counter(index for _, index in seen.indexes)
    trouble += [f"index {index} × {count}" for index, count in shared.items() if count > 1]
    moved = Counter(person for person, _ in seen.indexes)
    trouble += [f"{person}: {count} indexes" for person, count in moved.items() if count > 1]
    opens = day.moments.opens_at.timestamp()
    early = {each.person for each in day.answers if each.action == "join" and each.at < opens}
    figures = (
        ("commitment", f"{promised[:16]}…"),
        ("came_before", str(len(early))),
        ("cohort", str(cohort)),
        ("positions", str(len(seen.positions))),
        ("people", str(len(moved))),
    )
    return judged("draw_was_fair", figures, trouble)


def bad_actors_refused(day: Day) -> Verdict:
    """Check that every forbidden attempt was refused with a named problem."""
    attempts = [each for each in day.answers if each.role == VisitorRole.INTRUDER and each.action != "identity"]
    last = {(each.person, each.action, each.key): each for each in attempts if each.status not in _AWAY}
    if not last:
        return missing("bad_actors_refused", "attempts")
    trouble = [f"{each.action}: {each.status}" for each in attempts if each.good]
    trouble += [
        f"{each.action}: {each.status} {each.problem}"
        for each in last.values()
        if not each.good and (each.status >= FAULT or not each.problem)
    ]
    figures = (("attempts", str(len(last))), ("kinds", str(len({each.action for each in last.values()}))))
    return judged("bad_actors_refused", figures, trouble)


def crowd_was_whole(day: Day) -> Verdict:
    """Check that all people came and no worker of the crowd failed; otherwise the journals are not complete."""
    came = {each.person for each in day.answers if each.role == VisitorRole.BUYER}
    figures = (("sent", str(day.people)), ("came", str(len(came))), ("answers", str(len(day.answers))))
    trouble = [day.crowd_failure] if day.crowd_failure else []
    return judged("crowd_was_whole", figures, trouble, holds=0 < day.people == len(came))


def hand_back_has_receipt(day: Day) -> Verdict:
    """Check that the hand-back was verified and promoted, and that its receipt has the mall's number of orders."""
    if not day.receipt or day.orders is None:
        return missing("hand_back_has_receipt", "receipt")
    promotion = day.receipt.get("promotion") or {}
    figures = (
        ("kind", str(day.receipt.get("kind"))),
        ("promoted", str(promotion.get("orders"))),
        ("returned", str(promotion.get("units_returned"))),
        ("equations", str(len(day.receipt.get("equations") or ()))),
    )
    trouble = [] if promotion.get("orders") == len(day.orders) else [f"{promotion.get('orders')} ≠ {len(day.orders)}"]
    return judged("hand_back_has_receipt", figures, trouble, holds=day.receipt.get("kind") == HANDED_BACK)


def nothing_left_behind(day: Day) -> Verdict:
    """Check that no process, port, directory or credential of the environment is left."""
    if day.left_behind is None or not day.left_behind.looked_for:
        return missing("nothing_left_behind", "search")
    figures = (("looked_for", str(len(day.left_behind.looked_for))), ("found", str(len(day.left_behind.found))))
    return judged("nothing_left_behind", figures, day.left_behind.found)
