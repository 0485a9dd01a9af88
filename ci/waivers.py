"""Waivers: what a gate found and people accept for a while, ci/waivers.toml. Each has a reason, an owner and an end."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from ci.stage import ROOT, Stopped

FILE = ROOT / "ci" / "waivers.toml"
GATES = ("dependencies", "quality", "scan", "secrets")
WANTED = {"gate": str, "id": str, "reason": str, "owner": str, "ends": dt.date}
MOST_DAYS = 90


def waived(gate: str, file: Path = FILE, today: dt.date | None = None) -> set[str]:
    """Return what is waived for a gate; stop if any waiver is incomplete or has ended."""
    today = today or dt.datetime.now(dt.UTC).date()
    try:
        waivers = tomllib.loads(file.read_text("utf-8")).get("waiver", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Stopped(f"{file.name} cannot be read: {error}") from None
    for waiver in waivers:
        _check(waiver, today)
    return {waiver["id"] for waiver in waivers if waiver["gate"] == gate}


def _check(waiver: dict[str, Any], today: dt.date) -> None:
    name = f"the waiver of {waiver.get('id', 'nothing')}"
    if unknown := sorted(set(waiver) - set(WANTED)):
        raise Stopped(f"{name} has {', '.join(unknown)}; expected {', '.join(WANTED)}")
    for key, kind in WANTED.items():
        if type(waiver.get(key)) is not kind or not waiver[key]:
            raise Stopped(f"{name} has no {key}; expected a {'date' if key == 'ends' else 'text'}")
    if waiver["gate"] not in GATES:
        raise Stopped(f"{name} is for {waiver['gate']}; expected one of {', '.join(GATES)}")
    if waiver["ends"] < today:
        raise Stopped(f"{name} ended on {waiver['ends']}; {waiver['owner']} repairs it, or gives a new reason and end")
    if waiver["ends"] > today + dt.timedelta(days=MOST_DAYS):
        raise Stopped(f"{name} ends on {waiver['ends']}; expected a day within {MOST_DAYS} days")
