"""What the services answered to the crowd: orders, positions, repeated presses of a button."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marketday.crowd.journal import Answer, VisitorRole

FAULT = 500  # and above: the service failed (RFC 9110, section 15.6)
_ORDER_ACTIONS = frozenset({"pay", "order", "orders"})


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """An order in an answer to a person."""

    id: str
    person: str
    state: str
    units: int
    total_minor: int | None


def told_orders(answers: Iterable[Answer]) -> list[ToldOrder]:
    """Return every order in the answers, as often as it appears."""
    return [told for answer in answers if _tells(answer) for told in _orders_in(answer)]


def without_an_answer(answers: Iterable[Answer]) -> set[str]:
    """Return the people whose last question about their order got no answer, or 5xx; `answers` are in order of time."""
    last = {
        answer.person: failed(answer)
        for answer in answers
        if answer.role == VisitorRole.BUYER and answer.action in _ORDER_ACTIONS
    }
    return {person for person, was_failure in last.items() if was_failure}


def failed(answer: Answer) -> bool:
    """Whether a request got no answer, or the service failed."""
    return answer.status == 0 or answer.status >= FAULT


def _tells(answer: Answer) -> bool:
    return answer.role == VisitorRole.BUYER and answer.good and answer.action in _ORDER_ACTIONS


def _orders_in(answer: Answer) -> Iterator[ToldOrder]:
    facts = answer.facts
    if answer.action == "order":
        documents: list[Any] = [facts]
    elif answer.action == "pay":
        documents = [facts.get("order")]
    else:
        documents = list(facts.get("items") or facts.get("orders") or [])
    for document in documents:
        if isinstance(document, dict) and "id" in document:
            yield ToldOrder(
                id=str(document["id"]),
                person=answer.person,
                state=str(document.get("state", "paid")),
                units=units_of(document),
                total_minor=document.get("total_minor"),
            )


def line_ends(answers: Iterable[Answer]) -> dict[tuple[str, str], str]:
    """Return how each person's wait in line for an item ended, as the store last said it."""
    ended: dict[tuple[str, str], str] = {}
    for answer in answers:
        if answer.action == "look" and answer.good:
            for each in answer.facts.get("standbys") or ():
                ended[answer.person, str(each.get("sku"))] = str(each.get("state"))
    return ended


def units_of(document: Mapping[str, Any]) -> int:
    """Return the units of an order document: the sum over its lines, or its own quantity if it has no lines."""
    lines = document.get("lines")
    if isinstance(lines, list):
        return sum(int(line.get("quantity", 0)) for line in lines)
    return int(document.get("quantity", 0))


@dataclass(frozen=True, slots=True)
class Press:
    """One answer to a press of a button. `gave` is `<id> × <units>`, or "" if the service refused."""

    gave: str
    problem: str
    status: int
    asked: float  # seconds since 1970
    answered: float


def presses(answers: Iterable[Answer]) -> dict[tuple[str, str, str], list[Press]]:
    """Return the answers to buttons that were pressed more than once, by person, action and idempotency key."""
    by_key: dict[tuple[str, str, str], list[Press]] = defaultdict(list)
    for answer in answers:
        if answer.key and answer.role == VisitorRole.BUYER and answer.action in {"reserve", "pay"}:
            press = Press(_gave(answer), answer.problem, answer.status, answer.at, answer.at + answer.seconds)
            by_key[answer.person, answer.action, answer.key].append(press)
    return {key: pressed for key, pressed in by_key.items() if len(pressed) > 1}


def _gave(answer: Answer) -> str:
    if not answer.good:
        return ""
    given = answer.facts.get("order") if answer.action == "pay" else answer.facts
    if not isinstance(given, dict) or "id" not in given:
        return ""
    return f"{given['id']} × {units_of(given)}"


@dataclass(frozen=True, slots=True)
class DrawEvidence:
    """What the crowd saw of the draw. Each set has one member if all people saw the same."""

    commitments: frozenset[str]
    seeds: frozenset[tuple[str, int]]  # seed and cohort
    indexes: tuple[tuple[str, int], ...]  # person and index, without repetitions
    positions: tuple[tuple[str, int, int], ...]  # person, index, position in the answer


def draw_evidence(answers: Iterable[Answer]) -> DrawEvidence:
    """Return the facts about the draw in the answers to joins and reloads, and in the `now` document."""
    commitments: set[str] = set()
    seeds: set[tuple[str, int]] = set()
    indexes: set[tuple[str, int]] = set()
    positions: set[tuple[str, int, int]] = set()
    for answer in answers:
        facts = answer.facts
        if answer.service != "gate" or answer.role != VisitorRole.BUYER or not facts:
            continue
        if "commitment" in facts:
            commitments.add(str(facts["commitment"]))
        if facts.get("seed") and facts.get("cohort") is not None:
            seeds.add((str(facts["seed"]), int(facts["cohort"])))
        if facts.get("index") is not None and answer.action != "exchange":
            indexes.add((answer.person, int(facts["index"])))
        if facts.get("index") is not None and facts.get("position") is not None:
            positions.add((answer.person, int(facts["index"]), int(facts["position"])))
    return DrawEvidence(frozenset(commitments), frozenset(seeds), tuple(sorted(indexes)), tuple(sorted(positions)))
