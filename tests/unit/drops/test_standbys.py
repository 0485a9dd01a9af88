"""Waiting for a unit that comes back: what of it needs no database."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from marketday.drops.errors import StoreUnavailable
from marketday.drops.model import Reservation, ReservationState, SalePhase, Standby, StandbyState
from marketday.drops.standbys import FAR_SECONDS, NEAR_SECONDS, Standbys, look_again_seconds
from marketday.kit.ids import new_id

NOW = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)


def standby(state: str = "", *, ahead: int | None = 0, sold_out: bool = False, closed: bool = False) -> Standby:
    offer = Reservation(new_id(), "d", "A", new_id(), 1, 1, "KRW", ReservationState(state), NOW) if state else None
    waiting = not state
    return Standby(new_id(), "d", "A", 1, waiting, NOW, sold_out, closed, ahead if waiting else None, offer)


@pytest.mark.parametrize(
    ("mine", "state"),
    [
        (standby(), StandbyState.WAITING),
        (standby("held"), StandbyState.OFFERED),
        (standby("held", closed=True, sold_out=True), StandbyState.OFFERED),
        (standby("confirmed", sold_out=True), StandbyState.BOUGHT),
        (standby("expired"), StandbyState.MISSED),
        (standby("released"), StandbyState.MISSED),
        (standby(sold_out=True, closed=True), StandbyState.SOLD_OUT),
        (standby(closed=True), StandbyState.CLOSED),
    ],
)
def test_what_became_of_it(mine: Standby, state: StandbyState) -> None:
    assert mine.state is state


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [([], NEAR_SECONDS), ([9], NEAR_SECONDS), ([10], FAR_SECONDS), ([100, 9], NEAR_SECONDS), ([10, 100], FAR_SECONDS)],
)
def test_who_is_far_back_looks_less_often(ahead: list[int], seconds: float) -> None:
    mine = [standby(ahead=each) for each in ahead]
    assert look_again_seconds(mine, SalePhase.OPEN) == seconds
    assert look_again_seconds(mine, SalePhase.CLOSED) == NEAR_SECONDS


class SlowStore:
    """A store whose database does not answer before `answers` is set."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.busy = self.most = 0

    async def look(self, *_: Any) -> None:
        self.busy += 1
        self.most = max(self.most, self.busy)
        await self.answers.wait()
        self.busy -= 1

    async def of(self, *_: Any) -> list[Standby]:
        return []


async def test_those_who_wait_never_take_more_connections_than_theirs_and_never_wait_without_limit() -> None:
    store = SlowStore()
    standbys = Standbys(store, at_once=2, patience_seconds=0.02)  # type: ignore[arg-type]
    looks = [asyncio.create_task(standbys.look("d", new_id())) for _ in range(5)]
    refused, _ = await asyncio.wait(looks[2:])
    assert {type(each.exception()) for each in refused} == {StoreUnavailable}
    store.answers.set()
    assert await asyncio.gather(*looks[:2]) == [[], []]
    assert store.most == 2
    assert await standbys.look("d", new_id()) == []
