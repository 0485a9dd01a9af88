"""The gate's API: join a room, look at it, be admitted."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel

from marketday.accounts.tokens import Identity
from marketday.kit.moments import to_text
from marketday.waitingroom.service import Granted, Place, WaitingRoom
from marketday.web.gate.now import NowDocuments, require_slug
from marketday.web.gate.people import People
from marketday.web.hot import HotAnswer, HotEndpoint, HotRequest, json_answer
from marketday.web.problems import Problem
from marketday.web.sessions import bearer

# The edge caches the document for a second, and serves it for one more while it fetches the next. So one request
# a second reaches us, however many people wait, also if we are slow (RFC 5861, section 3).
FRESHNESS = "public, max-age=1, stale-while-revalidate=1"

SIGNED_IN: dict[str, Any] = {"security": [{"identity": []}]}
TAGS = {"waiting room": "Join, wait, be admitted. While people wait, only `now` has to be requested again."}
_UNKNOWN: dict[int | str, dict[str, type[Problem]]] = {404: {"model": Problem}}
_REFUSED: dict[int | str, dict[str, type[Problem]]] = {status: {"model": Problem} for status in (401, 409, 410)}
IdempotencyKey = Annotated[
    str | None,
    Header(description="Optional: a person has only one entry and one admission, so that every call can be repeated."),
]
Again = Annotated[
    bool,
    Query(description="Take a new place behind everyone, if your admission has expired and you have bought nothing."),
]


class EntryAnswer(BaseModel):
    """A person's entry. `position` is null until the draw is published."""

    drop: str
    index: int
    position: int | None
    joined_at: str
    commitment: str


class AdmissionAnswer(BaseModel):
    """The token to send to the store in `Marketday-Admission`, and the store's address."""

    admission: str
    expires_at: str
    store_url: str


class NowAnswer(BaseModel):
    """The public state of a waiting room; `seed` and `cohort` are null until the draw is published."""

    drop: str
    phase: str
    server_time: str
    room_opens_at: str
    opens_at: str
    closes_at: str
    waiting: int
    inside: int
    serving_number: int
    rate_per_second: float
    stock: str
    left: int
    commitment: str
    seed: str | None
    cohort: int | None


def gate_api(room: WaitingRoom, now: NowDocuments, people: People, store: str) -> APIRouter:
    """Return the routes; `store` is the beginning of the address of a drop's store page."""
    router = APIRouter(prefix="/v1/drops/{drop}", tags=list(TAGS), responses=_UNKNOWN)

    Me = Annotated[Identity, Depends(people.of)]  # noqa: N806 - a type

    @router.post(
        "/entries",
        status_code=201,
        summary="Take a place in the waiting room, or get the one you have; `again` after an expired admission",
        responses=_REFUSED | {200: {"model": EntryAnswer, "description": "The place that you already have."}},
        openapi_extra=SIGNED_IN,
    )
    async def join(
        drop: str,
        me: Me,
        response: Response,
        again: Again = False,  # noqa: FBT002 - a query parameter
        idempotency_key: IdempotencyKey = None,  # noqa: ARG001
    ) -> EntryAnswer:
        take = room.rejoin if again else room.join
        place = await take(require_slug(drop), me.person_id)
        response.status_code = 201 if place.first else 200
        return EntryAnswer.model_validate(_entry(place))

    @router.get("/now", response_model=NowAnswer, summary="The current state of the waiting room; cached for a second")
    async def look(drop: str) -> Response:
        body = await now.get(drop)
        return Response(body, media_type="application/json", headers={"Cache-Control": FRESHNESS})

    @router.post(
        "/admissions",
        status_code=201,
        summary="Exchange a place whose turn has come for an admission token",
        responses=_REFUSED | {200: {"model": AdmissionAnswer, "description": "The token that you already have."}},
        openapi_extra=SIGNED_IN,
    )
    async def admit(
        drop: str,
        me: Me,
        request: Request,
        response: Response,
        idempotency_key: IdempotencyKey = None,  # noqa: ARG001
    ) -> AdmissionAnswer:
        granted = await room.admit(require_slug(drop), me.person_id)
        response.status_code = 201 if granted.first else 200
        if bearer(request) is None:  # a browser: the store reads the token from the cookie
            people.keep_admission(response, drop, granted.token, granted.expires_at)
        return AdmissionAnswer.model_validate(_admission(granted, store, drop))

    return router


def hot_gate(room: WaitingRoom, now: NowDocuments, people: People, store: str) -> list[HotEndpoint]:
    """Return the calls of a burst, with the same results as in `gate_api`."""

    async def join(request: HotRequest) -> HotAnswer:
        me = people.of(request)
        place = await room.join(require_slug(request.path_params["drop"]), me.person_id)
        return json_answer(201 if place.first else 200, _entry(place))

    async def look(request: HotRequest) -> HotAnswer:
        body = await now.get(request.path_params["drop"])
        return HotAnswer(200, body, ((b"cache-control", FRESHNESS.encode()),))

    async def admit(request: HotRequest) -> HotAnswer | None:
        if bearer(request) is None:  # a browser, which gets a cookie
            return None
        drop = request.path_params["drop"]
        me = people.of(request)
        granted = await room.admit(require_slug(drop), me.person_id)
        return json_answer(201 if granted.first else 200, _admission(granted, store, drop))

    return [
        HotEndpoint("POST", "/v1/drops/{drop}/entries", join),
        HotEndpoint("POST", "/v1/drops/{drop}/admissions", admit),
        HotEndpoint("GET", "/v1/drops/{drop}/now", look),
    ]


def _entry(place: Place) -> dict[str, Any]:
    return {
        "drop": place.drop,
        "index": place.index,
        "position": place.position,
        "joined_at": to_text(place.joined_at),
        "commitment": place.commitment.hex(),
    }


def _admission(granted: Granted, store: str, drop: str) -> dict[str, Any]:
    return {
        "admission": granted.token,
        "expires_at": to_text(granted.expires_at),
        "store_url": f"{store}/drops/{drop}",
    }
