"""What the waiting page shows to one person at one moment. Pure; `static/view.js` applies the same rules."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil

from marketday.catalog.stock import StockState
from marketday.waitingroom.looking import Sight, look_again_seconds
from marketday.waitingroom.model import RoomPhase, Standing, is_served, may_rejoin

_BUTTON_SECONDS = 10  # a page with a button stays long enough to press it


class Section(StrEnum):
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

    state: Section
    position: int | None = None
    ahead: int | None = None
    minutes: int | None = None


def state_of(standing: Standing, now: datetime, *, known: bool) -> Section:
    """Return which section to show; `known` says whether the person's identity is known."""
    match standing.room.phase(now):
        case RoomPhase.CLOSED:
            return Section.CLOSED
        case RoomPhase.UPCOMING:
            return Section.UPCOMING
        case RoomPhase.WAITING:
            return Section.WAITING if known and standing.entry is not None else Section.SIGN_IN
        case RoomPhase.OPEN:
            return _open_state(standing, now, known=known)


def _open_state(standing: Standing, now: datetime, *, known: bool) -> Section:
    if standing.admitted is not None and now < standing.admitted.expires_at:
        return Section.INSIDE
    if standing.room.board.stock is StockState.SOLD_OUT and not standing.bought:
        return Section.SOLD_OUT
    if standing.admitted is not None:
        return Section.AGAIN if may_rejoin(standing, now) else Section.EXPIRED
    if not known or standing.entry is None:
        return Section.SIGN_IN
    return Section.SERVED if is_served(standing.position, standing.room.serving_number) else Section.QUEUED


def view_of(standing: Standing, now: datetime, *, known: bool) -> View:
    """Return what to show at `now`."""
    state = state_of(standing, now, known=known)
    position = standing.position
    if position is None:
        return View(state)
    ahead = max(position - standing.room.serving_number, 0)
    rate = standing.room.board.rate_per_second
    return View(state, position, ahead, ceil(ahead / rate / 60) if rate > 0 else None)


_OVER = frozenset({Section.CLOSED, Section.SOLD_OUT, Section.AGAIN, Section.EXPIRED, Section.INSIDE})


def sight_of(standing: Standing, now: datetime, *, known: bool) -> Sight:
    """Return the facts that decide when this person looks again."""
    view, facts, phase = view_of(standing, now, known=known), standing.room.facts, standing.room.phase(now)
    begins_in = None
    if view.state not in _OVER and phase is not RoomPhase.OPEN:
        begins_in = ((facts.room_opens_at if phase is RoomPhase.UPCOMING else facts.opens_at) - now).total_seconds()
    return Sight(
        begins_in=begins_in,
        ahead=None if view.state in _OVER else view.ahead,
        rate_per_second=standing.room.board.rate_per_second,
        closes_in=(facts.closes_at - now).total_seconds(),
        waiting=standing.room.waiting,
    )


def refresh_seconds(standing: Standing, now: datetime, luck: float, *, known: bool) -> int:
    """Return after how many seconds a page without a script reloads; `luck` in [0, 1) spreads the reloads.

    A page with a button reloads less often, so that people can press it.
    """
    if view_of(standing, now, known=known).state is Section.SERVED:
        return _BUTTON_SECONDS
    return max(round(look_again_seconds(sight_of(standing, now, known=known), luck)), 1)
