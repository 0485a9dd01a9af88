import hashlib
import math
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.waitingroom import draw
from marketday.waitingroom.draw import commitment, permutation

SEEDS = st.binary(min_size=32, max_size=32)


@cache
def fixed_seeds(count: int) -> list[bytes]:
    return [hashlib.sha256(f"seed {number}".encode()).digest() for number in range(count)]


def test_every_position_is_given_once_for_every_small_count() -> None:
    [seed] = fixed_seeds(1)
    counts = [*range(1, 41), 99, 100, 101, 1000]
    given_once = [{permutation(seed, index, count) for index in range(count)} == set(range(count)) for count in counts]
    assert [count for count, right in zip(counts, given_once, strict=True) if not right] == []


@given(seed=SEEDS, count=st.integers(1, 250))
def test_every_position_is_given_once(seed: bytes, count: int) -> None:
    assert {permutation(seed, index, count) for index in range(count)} == set(range(count))


@given(seed=SEEDS, count=st.integers(1, 10**9), data=st.data())
def test_positions_of_a_huge_crowd_stay_in_range_and_differ(seed: bytes, count: int, data: st.DataObject) -> None:
    indices = data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=5))
    positions = {permutation(seed, index, count) for index in indices}
    assert len(positions) == len(indices)
    assert all(0 <= position < count for position in positions)


def chi_square_limit(degrees: int) -> float:
    """What a fair draw passes in all but one of ten thousand cases (Wilson and Hilferty, 1931).

    The seeds are fixed, so the outcome never flickers.
    """
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + 3.719 * math.sqrt(spread)) ** 3


def chi_square(counts: Counter[object], cells: int) -> float:
    expected = sum(counts.values()) / cells
    return sum((counts[cell] - expected) ** 2 / expected for cell in counts) + (cells - len(counts)) * expected


@pytest.mark.parametrize("count", [2, 7, 13, 20, 100])
@pytest.mark.parametrize("place", ["first", "last"])
def test_wherever_one_stands_every_position_is_equally_likely(count: int, place: str) -> None:
    index = 0 if place == "first" else count - 1
    counts = Counter(permutation(seed, index, count) for seed in fixed_seeds(600))
    assert chi_square(counts, count) < chi_square_limit(count - 1)


@pytest.mark.parametrize(("count", "orders"), [(2, 2), (4, 24), (5, 120)])
def test_every_order_of_a_few_people_is_equally_likely(count: int, orders: int) -> None:
    counts = Counter(tuple(permutation(seed, index, count) for index in range(count)) for seed in fixed_seeds(600))
    assert chi_square(counts, orders) < chi_square_limit(orders - 1)


def test_the_measure_tells_a_poor_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "ROUNDS", 2)
    counts = Counter(tuple(permutation(seed, index, 5) for index in range(5)) for seed in fixed_seeds(600))
    assert chi_square(counts, 120) > chi_square_limit(119)


def test_neighbours_in_the_queue_are_not_neighbours_in_the_draw() -> None:
    distances = [abs(permutation(seed, 10, 1000) - permutation(seed, 11, 1000)) for seed in fixed_seeds(300)]
    # Two independent places among n are n/3 apart on average; the standard error here is 14.
    assert 280 < sum(distances) / len(distances) < 390


@pytest.mark.parametrize(("index", "count"), [(-1, 5), (5, 5), (0, 0), (0, -3)])
def test_an_index_outside_the_draw_is_refused(index: int, count: int) -> None:
    with pytest.raises(ValueError, match="outside the draw"):
        permutation(bytes(32), index, count)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        permutation(bytes(31), 0, 1)
    with pytest.raises(ValueError, match="33 bytes"):
        commitment(bytes(33))


def test_the_commitment_is_the_plain_sha256_of_the_seed() -> None:
    assert commitment(bytes(32)).hex() == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"


def test_the_draw_never_changes() -> None:
    """Published draws have to stay recomputable for ever: these values are part of the contract."""
    seed = bytes(range(32))
    assert [permutation(seed, index, 10) for index in range(10)] == [1, 5, 4, 8, 9, 2, 7, 0, 3, 6]
    assert [permutation(seed, index, 1_000_000) for index in (0, 1, 999_999)] == [705403, 469338, 811486]
