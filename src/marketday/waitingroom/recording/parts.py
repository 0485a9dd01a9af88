"""A room's parts, made from its register, as Valkey has them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marketday.kit.moments import to_milliseconds
from marketday.waitingroom import records
from marketday.waitingroom.model import Admitted, position_of
from marketday.waitingroom.recording.model import PersonPlaces, Whole


@dataclass(slots=True)
class Parts:
    """What some people add to a room; the names are those of `waitingroom/valkey.py`."""

    entries: dict[str, str] = field(default_factory=dict)
    admissions: dict[str, str] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    deciding: dict[str, int] = field(default_factory=dict)
    bought: list[str] = field(default_factory=list)
    returned: int = 0

    @property
    def hashes(self) -> dict[str, dict[str, str]]:
        """The hashes by name."""
        return {"entries": self.entries, "admissions": self.admissions}

    @property
    def scores(self) -> dict[str, dict[str, int]]:
        """The sorted sets by name."""
        return {"claims": self.claims, "inside": self.inside, "deciding": self.deciding}


def parts_of(whole: Whole, people: Sequence[PersonPlaces], now: datetime) -> Parts:
    """Return what these people add to the room."""
    parts = Parts()
    for one in people:
        person = str(one.person_id)
        parts.entries[person] = records.places_to_text(one.places)
        parts.returned += len(one.places) - 1
        if one.bought:
            parts.bought.append(person)
        came = [place.index for place in one.places if place.admitted_at is not None]
        if came:
            parts.claims[person] = position_of(came[-1], whole.draw) or 0
        _add_admission(parts, whole, one, now)
    return parts


def _add_admission(parts: Parts, whole: Whole, one: PersonPlaces, now: datetime) -> None:
    """Add the person's last admission, unless the person has joined again since."""
    person, admitted_at = str(one.person_id), one.places[-1].admitted_at
    if admitted_at is None:
        return
    admitted = Admitted(admitted_at, admitted_at + timedelta(seconds=whole.facts.admission_seconds))
    parts.admissions[person] = records.admitted_to_text(admitted)
    if not one.bought and admitted.expires_at > now:
        parts.inside[person] = to_milliseconds(admitted.expires_at)
    if not one.decided:
        parts.deciding[person] = to_milliseconds(admitted_at)
