"""The waiting page and its forms. It works without a script; the script only avoids the reloads."""

from contextlib import suppress
from datetime import datetime
from random import random
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from marketday.accounts.errors import Unauthenticated
from marketday.accounts.tokens import LONGEST_TOKEN, Identity
from marketday.kit.errors import MarketdayError
from marketday.waitingroom.errors import (
    CannotRejoin,
    DropClosed,
    NoEntry,
    RoomNotOpen,
    RoomUnavailable,
    UnknownDrop,
    WaitingRoomError,
)
from marketday.waitingroom.model import RoomPhase, Standing
from marketday.waitingroom.service import WaitingRoom
from marketday.web.gate.now import document, require_slug
from marketday.web.gate.people import People
from marketday.web.gate.view import Section, refresh_seconds, view_of
from marketday.web.pages import LANGUAGES, Pages, keep_language
from marketday.web.paths import see_other

ENTER = r"/drops/[a-z0-9-]+/enter"  # only the mall's page may post here
_JOINABLE = (RoomPhase.WAITING, RoomPhase.OPEN)


def room_pages(room: WaitingRoom, people: People, pages: Pages, mall: str) -> APIRouter:
    """Return the routes; `mall` is the mall's address, used only for links."""
    router = APIRouter(prefix="/drops/{drop}", include_in_schema=False)

    @router.post("/enter")
    async def enter(
        drop: str, identity: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "", lang: str = ""
    ) -> Response:
        await room.look(require_slug(drop))
        person = people.verify(identity)
        answer = see_other(f"/drops/{drop}/room")
        if lang in LANGUAGES:
            keep_language(answer, lang)
        people.keep_identity(answer, drop, identity, person.expires_at)
        return answer

    @router.get("/room")
    async def show(drop: str, request: Request) -> Response:
        person = _person(people, request)
        standing, now = await _standing(room, require_slug(drop), person)
        view = view_of(standing, now, known=person is not None)
        return pages.render(
            request,
            "room.html",
            zone=standing.room.facts.zone,
            view=view,
            states=Section,
            facts=standing.room.facts,
            entry=standing.entry,
            now=document(standing.room, now),
            drop_url=f"{mall}/drops/{drop}",
            orders_url=f"{mall}/orders",
            refresh_seconds=refresh_seconds(standing, now, random(), known=person is not None),  # noqa: S311 - jitter
        )

    @router.post("/room")
    async def go_in(drop: str, request: Request) -> Response:
        """Send a browser without scripts to the store, or back to the page, which shows why not."""
        try:
            granted = await room.admit(require_slug(drop), people.of(request).person_id)
        except (UnknownDrop, NoEntry, RoomUnavailable):
            raise
        except (WaitingRoomError, Unauthenticated):
            return see_other(f"/drops/{drop}/room")
        answer = see_other(f"/drops/{drop}")
        people.keep_admission(answer, drop, granted.token, granted.expires_at)
        return answer

    @router.post("/room/again")
    async def rejoin(drop: str, request: Request) -> Response:
        """Give a browser without scripts a new place; if that fails, the room's page shows why."""
        with suppress(CannotRejoin, RoomNotOpen, DropClosed, Unauthenticated):
            await room.rejoin(require_slug(drop), people.of(request).person_id)
        return see_other(f"/drops/{drop}/room")

    return router


def _person(people: People, request: Request) -> Identity | None:
    try:
        return people.of(request)
    except MarketdayError:
        return None


async def _standing(room: WaitingRoom, drop: str, person: Identity | None) -> tuple[Standing, datetime]:
    """Return the person's standing. In an open room they get a place; a reload returns the same one."""
    if person is None:
        snapshot, now = await room.look(drop)
        return Standing(snapshot, None, None), now
    standing, now = await room.standing(drop, person.person_id)
    if standing.entry is None and standing.room.phase(now) in _JOINABLE:
        await room.join(drop, person.person_id)
        return await room.standing(drop, person.person_id)
    return standing, now
