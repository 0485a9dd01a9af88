from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.catalog import names
from marketday.catalog.stock import StockState
from marketday.drops import errors
from marketday.drops.model import Drop, OpenWork, Reservation, ReservationState, SalePhase
from marketday.drops.requests import (
    LARGEST_QUANTITY,
    ReservationAnswer,
    ReservationRequest,
    check_drop,
    check_key,
    check_quantity,
    check_sku,
    granted,
)
from marketday.drops.stock import StockLevel, summarise
from marketday.kit.errors import MarketdayError
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)


def wish(**changes) -> ReservationRequest:
    values = {"drop": "dawn", "sku": "A", "quantity": 1, "key": "k", "reservation_id": new_id(), "person_id": new_id()}
    return ReservationRequest(**(values | changes))


@given(
    st.one_of(
        st.integers(max_value=0),
        st.integers(min_value=LARGEST_QUANTITY + 1),
        st.floats(),
        st.text(),
        st.booleans(),
        st.none(),
    )
)
def test_what_is_no_quantity(value):
    with pytest.raises(errors.InvalidQuantity, match="expected a whole number"):
        check_quantity(value)


@given(st.integers(1, LARGEST_QUANTITY))
def test_every_whole_number_is_a_quantity(value: int):
    assert check_quantity(value) == value


@given(st.text(max_size=300))
def test_what_passes_the_checks_can_be_stored(text: str):
    """PostgreSQL takes no NUL, and nothing that is not UTF-8."""
    for check in (check_sku, check_drop, check_key):
        try:
            passed = check(text)
        except MarketdayError:
            continue
        assert "\x00" not in passed
        assert passed.encode("utf-8").decode("utf-8") == passed
        assert check(passed) == passed


def test_a_sku_of_ten_thousands_of_accents_is_refused_before_they_are_composed(monkeypatch: pytest.MonkeyPatch):
    """Composing these takes several seconds, in which the process would answer nobody."""
    monkeypatch.setattr(names, "identifier", lambda text: pytest.fail(f"{len(text)} characters are composed"))
    with pytest.raises(errors.UnknownItem, match="expected the SKU"):
        check_sku("\u0301" * 16_000 + "\u0316" * 16_000)
    with pytest.raises(names.Unusable, match="32000 characters"):
        names.handle_of("\u0301" * 32_000)


@pytest.mark.parametrize("slug", ["", "-a", "a-", "a--b", "A", "a b", "a" * 41, "a\n"])
def test_what_is_no_drops_slug(slug: str):
    with pytest.raises(errors.UnknownDrop):
        check_drop(slug)


def test_a_fingerprint_tells_bodies_apart_and_nothing_else():
    base = wish()
    assert wish(key="other", person_id=new_id()).fingerprint == base.fingerprint
    others = [wish(quantity=2), wish(sku="B"), wish(drop="dusk"), wish(drop="daw", sku="nA")]
    assert len({base.fingerprint, *(other.fingerprint for other in others)}) == 5


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("conflict", IdempotencyConflict),
        ("unknown_drop", errors.UnknownDrop),
        ("unknown_item", errors.UnknownItem),
        ("not_open", errors.NotOpen),
        ("drop_closed", errors.DropClosed),
        ("over_limit", errors.OverLimit),
        ("all_reserved", errors.AllReserved),
        ("sold_out", errors.SoldOut),
    ],
)
def test_every_refusal_has_its_error(outcome: str, error: type[errors.DropError]):
    with pytest.raises(error):
        granted(wish(), ReservationAnswer(outcome, None, 2, 1, 0))


def test_a_refusal_over_the_limit_says_the_figures():
    with pytest.raises(errors.OverLimit) as caught:
        granted(wish(quantity=3), ReservationAnswer("over_limit", None, 2, 1, 0))
    assert caught.value.extra == {"limit": 2, "taken": 1}


@pytest.mark.parametrize("outcome", ["reserved", "replayed"])
def test_what_is_granted_is_the_reservation(outcome: str):
    held = Reservation(new_id(), "dawn", "A", new_id(), 3, 500, "KRW", ReservationState.HELD, NOON)
    assert granted(wish(), ReservationAnswer(outcome, held)) is held
    assert held.total_minor == 1500


@pytest.mark.parametrize(
    ("total", "reserved", "sold", "state"),
    [
        (10, 0, 0, StockState.AVAILABLE),
        (10, 5, 4, StockState.AVAILABLE),
        (10, 5, 5, StockState.ALL_RESERVED),
        (10, 0, 10, StockState.SOLD_OUT),
        (0, 0, 0, StockState.SOLD_OUT),
    ],
)
def test_what_stock_means(total: int, reserved: int, sold: int, state: StockState):
    level = StockLevel("A", total, reserved, sold)
    assert level.state is state
    assert summarise([level]).state is state


def test_a_drop_is_sold_out_when_every_item_is():
    gone, held = StockLevel("A", 2, 0, 2), StockLevel("B", 2, 2, 0)
    summary = summarise([gone, held])
    assert (summary.total, summary.reserved, summary.sold, summary.left) == (4, 2, 2, 0)
    assert summary.state is StockState.ALL_RESERVED


def test_the_moment_of_opening_is_open_and_that_of_closing_is_closed():
    hour, tick = timedelta(hours=1), timedelta(microseconds=1)
    drop = Drop("dawn", "새벽", "Dawn", NOON - hour, NOON, NOON + hour, 300, 600, {})
    moments = (NOON - tick, NOON, NOON + hour - tick, NOON + hour)
    assert [drop.phase(moment) for moment in moments] == [
        SalePhase.UPCOMING,
        SalePhase.OPEN,
        SalePhase.OPEN,
        SalePhase.CLOSED,
    ]


def test_drained_means_nothing_is_open():
    assert OpenWork(0, 0, 0).drained
    for work in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        assert not OpenWork(*work).drained
