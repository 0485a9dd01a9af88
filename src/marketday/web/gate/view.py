"""What the waiting page shows to one person at one moment. Pure; `static/view.js` applies the same rules."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil

from marketday.waitingroom.looking import LATEST_SECONDS, Sight, look_again_seconds
from marketday.waitingroom.model import Phase, Standing, StockState, is_served, may_rejoin


class State(StrEnum):
    """The page's sections; exactly one is shown."""

    SIGN_IN = "sign_in"  # the gate does not know who this is
    UPCOMING = "upcoming"
    WAITING = "waiting"
    QUEUED = "queued"
    SERVED = "served"
    INSIDE = "inside"
    AGAIN = "again"  # the admission has expired and nothing was bought: the person may join again
    EXPIRED = "expired"
    SOLD_OUT = "sold_out"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class View:
    """The state and its numbers. `minutes` is None while nobody is admitted."""

    state: State
    position: int | None = None
    ahead: int | None = None
    minutes: int | None = None


def state_of(standing: Standing, now: datetime, *, known: bool) -> State:
    """Return which section to show; `known` says whether the person's identity is known."""
    match standing.room.phase(now):
        case Phase.CLOSED:
            return State.CLOSED
        case Phase.UPCOMING:
            return State.UPCOMING
        case Phase.WAITING:
            return State.WAITING if known and standing.entry is not None else State.SIGN_IN
        case Phase.OPEN:
            return _open_state(standing, now, known=known)


def _open_state(standing: Standing, now: datetime, *, known: bool) -> State:
    if standing.admitted is not None and now < standing.admitted.expires_at:
        return State.INSIDE
    if standing.room.board.stock is StockState.SOLD_OUT and not standing.bought:
        return State.SOLD_OUT
    if standing.admitted is not None:
        return State.AGAIN if may_rejoin(standing, now) else State.EXPIRED
    if not known or standing.entry is None:
        return State.SIGN_IN
    return State.SERVED if is_served(standing.position, standing.room.serving_number) else State.QUEUED


def view_of(standing: Standing, now: datetime, *, known: bool) -> View:
    """Return what to show at `now`."""
    state = state_of(standing, now, known=known)
    position = standing.position
    if position is None:
        return View(state)
    ahead = max(position - standing.room.serving_number, 0)
    rate = standing.room.board.rate_per_second
    return View(state, position, ahead, ceil(ahead / rate / 60) if rate > 0 else None)


_OVER = frozenset({State.CLOSED, State.SOLD_OUT, State.AGAIN, State.EXPIRED, State.INSIDE})


def sight_of(standing: Standing, now: datetime, *, known: bool) -> Sight:
    """Return the facts that decide when this person looks again."""
    view, facts, phase = view_of(standing, now, known=known), standing.room.facts, standing.room.phase(now)
    begins_in = None
    if view.state not in _OVER and phase is not Phase.OPEN:
        begins_in = ((facts.room_opens_at if phase is Phase.UPCOMING else facts.opens_at) - now).total_seconds()
    return Sight(
        begins_in=begins_in,
        ahead=None if view.state in _OVER else view.ahead,
        rate_per_second=standing.room.board.rate_per_second,
        closes_in=(facts.closes_at - now).total_seconds(),
    )


def refresh_seconds(standing: Standing, now: datetime, luck: float, *, known: bool) -> int:
    """Return after how many seconds a page without a script reloads; `luck` in [0, 1) spreads the reloads.

    A page with a button reloads less often, so that people can press it.
    """
    if view_of(standing, now, known=known).state is State.SERVED:
        return round(LATEST_SECONDS)
    return max(round(look_again_seconds(sight_of(standing, now, known=known), luck)), 1)
