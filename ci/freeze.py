"""Freeze: no version goes into the mall's plane while a drop is near, open, or not handed back.

It asks the mall itself, GET /v1/drops, which anybody may read. Argo CD's sync windows know hours and no drops, so main
of the deployment repository stays where it is. A mall that does not answer is no reason to deliver: whoever has to
repair it says so by DELIVERY_DURING_DROP, with the reason, and Slack is told.
"""

import datetime as dt
import json
import os
import time
import urllib.request
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from ci.stage import UNANSWERED, Stopped, setting

BEFORE = dt.timedelta(hours=2)  # a new version has time to be taken back before people come
ANSWER_SECONDS = 20
MOST_APART = dt.timedelta(minutes=5)  # the mall's clock and this machine's; much less than BEFORE
MOST_BYTES = 4 * 1024 * 1024
LEAST_REASON = 10


def open_drops(mall: str, now: dt.datetime) -> list[str]:
    """Return one sentence for each drop that forbids a delivery at `now`; stop if the mall does not say.

    `mall` is its address. A drop counts from two hours before its waiting room opens until the mall has its orders.
    """
    url = f"{mall.rstrip('/')}/v1/drops"
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise Stopped(f"the mall's address is {mall}; expected one that begins with https://")
    try:
        told = json.loads(_answer(url))
        return [why for drop in told["drops"] if (why := _frozen(drop, now))]
    except (*UNANSWERED, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Stopped(f"{url} does not say whether a drop is open: {type(error).__name__}: {error}") from None


def _answer(url: str) -> bytes:
    """Return what the mall itself answers now; raises ValueError for what is of others, kept from before, or no end."""
    until = time.monotonic() + ANSWER_SECONDS
    asked = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})  # noqa: S310 - looked at by open_drops
    with urllib.request.urlopen(asked, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - the same
        if answer.geturl() != url:
            raise ValueError(f"it sends on to {answer.geturl()}; expected the mall's own answer")
        if why := not_now(answer.headers, dt.datetime.now(dt.UTC)):
            raise ValueError(why)
        told = b""
        while part := answer.read1(65536):
            told += part
            if len(told) > MOST_BYTES or time.monotonic() > until:
                raise ValueError(f"its answer has no end: {len(told)} bytes; expected {MOST_BYTES} at most, in time")
    return told


def not_now(headers: Mapping[str, str], here: dt.datetime) -> str:
    """Return why an answer is not of now by this machine's clock: a cache had it, or one of both clocks is wrong."""
    try:
        there = parsedate_to_datetime(headers.get("Date") or "")
    except ValueError:
        return "its answer has no Date, so it may be an old one"
    kept = dt.timedelta(seconds=int(headers.get("Age") or 0))
    if abs(here - there) > MOST_APART or kept > MOST_APART:
        return f"its answer is of {there:%Y-%m-%d %H:%M} UTC, and it is {here:%Y-%m-%d %H:%M} here: a cache, or a clock"
    return ""


def _frozen(drop: dict[str, Any], now: dt.datetime) -> str:
    room, closes = (dt.datetime.fromisoformat(drop[name]) for name in ("room_opens_at", "closes_at"))
    if room.tzinfo is None or closes.tzinfo is None or not isinstance(drop["orders_to_come"], bool):
        raise ValueError(f"the drop {drop['slug']} has no moments with a zone")
    if drop["orders_to_come"] and now >= closes:
        return f"the drop {drop['slug']} is closed, and the mall has not got its orders yet"
    if drop["status"] != "over" and now >= room - BEFORE:
        moments = f"its waiting room opens at {room:%Y-%m-%d %H:%M %Z}, it closes at {closes:%Y-%m-%d %H:%M %Z}"
        return f"the drop {drop['slug']} is open or near: {moments}"
    return ""


def refuse_while_open(now: dt.datetime | None = None) -> str:
    """Stop a release while a drop forbids it; return what the result must say of it, which is mostly nothing."""
    reason = os.environ.get("DELIVERY_DURING_DROP", "").strip()
    if reason and len(reason) < LEAST_REASON:
        raise Stopped(f"DELIVERY_DURING_DROP is {reason}; expected the reason and who decided, in a sentence")
    mall = setting("DELIVERY_SMOKE_URL", "the mall's address, to ask whether a drop is open")
    try:
        found = open_drops(mall, now or dt.datetime.now(dt.UTC))
    except Stopped as unknown:
        found = [str(unknown)]
    if not found:
        return ""
    if not reason:
        raise Stopped(
            f"nothing is delivered: {'; '.join(found)}. Repeat it afterwards, or set DELIVERY_DURING_DROP to a reason"
        )
    return f"although {'; '.join(found)}, because: {reason}"


if __name__ == "__main__":
    from ci.stage import main

    main(lambda: refuse_while_open() or "no drop is near, open, or waiting for its hand-back")
