"""A drop's end brought forward: the moments stay in their order, whenever it is asked for."""

from datetime import timedelta
from itertools import pairwise

import pytest

from marketday.environments.model import requested
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum

MOMENTS = ("build_at", "room_opens_at", "opens_at", "closes_at", "destroy_at")


@pytest.mark.parametrize("minutes", [-60 * 24, -45, -15, 0, 30, 24 * 60])
def test_moments_stay_in_order_and_nothing_is_put_off(minutes: int) -> None:
    drop = dawn_serum()
    environment = requested(new_id(), drop, drop.schedule())
    moment = drop.opens_at + timedelta(minutes=minutes)

    closing = environment.closing_at(moment)

    before = [getattr(environment.schedule, name) for name in MOMENTS]
    after = [getattr(closing.schedule, name) for name in MOMENTS]
    assert all(first <= second for first, second in pairwise(after))
    assert all(new <= old for new, old in zip(after, before, strict=True))
    assert closing.schedule.closes_at <= moment
    assert closing.schedule.opens_at < closing.schedule.closes_at
    assert (closing.definition.opens_at, closing.definition.closes_at) == (
        closing.schedule.opens_at,
        closing.schedule.closes_at,
    )
    assert closing.closing_at(moment) == closing
