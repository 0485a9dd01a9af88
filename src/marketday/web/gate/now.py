"""The `now` document, which everybody who waits requests. It is made a few times a second, for all of them."""

import json
import re
from datetime import datetime
from typing import Any

from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh
from marketday.kit.moments import to_text
from marketday.waitingroom.errors import UnknownDrop
from marketday.waitingroom.model import Snapshot
from marketday.waitingroom.service import WaitingRoom

KEPT_SECONDS = 0.25
_SLUG = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,63}")


def require_slug(slug: str) -> str:
    """Return `slug` if it could be a drop's name; other texts never reach Valkey.

    Raises:
        UnknownDrop: it cannot be a drop's name.

    """
    if not _SLUG.fullmatch(slug):
        raise UnknownDrop(f"{slug[:80]!r} is not a drop's name; expected lower-case letters, digits and hyphens")
    return slug


def document(room: Snapshot, now: datetime) -> dict[str, Any]:
    """Return the public facts of a room at `now`."""
    facts, draw, board = room.facts, room.draw, room.board
    return {
        "drop": facts.slug,
        "phase": room.phase(now).value,
        "server_time": to_text(now),
        "room_opens_at": to_text(facts.room_opens_at),
        "opens_at": to_text(facts.opens_at),
        "closes_at": to_text(facts.closes_at),
        "waiting": room.waiting,
        "inside": room.inside,
        "serving_number": room.serving_number,
        "rate_per_second": board.rate_per_second,
        "stock": board.stock.value,
        "left": board.left,
        "commitment": facts.commitment.hex(),
        "seed": draw.seed.hex() if draw else None,
        "cohort": draw.cohort if draw else None,
    }


class NowDocuments:
    """The documents of all drops, each at most `KEPT_SECONDS` old; requests at the same time share one read."""

    def __init__(self, room: WaitingRoom, clock: Clock) -> None:
        """Read from `room`."""
        self._room = room
        self._documents = Fresh(self._read, seconds=KEPT_SECONDS, clock=clock)

    async def get(self, slug: str) -> bytes:
        """Return the document as JSON; raises UnknownDrop or RoomUnavailable."""
        return await self._documents.get(require_slug(slug))

    async def _read(self, slug: str) -> bytes:
        return json.dumps(document(*await self._room.look(slug)), separators=(",", ":")).encode()
