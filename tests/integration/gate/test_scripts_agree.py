"""The page's scripts say what Python says. Node runs the very modules that the page loads."""

import hashlib
import itertools
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import marketday
from marketday.catalog.stock import StockState
from marketday.waitingroom.draw import commitment, permutation
from marketday.waitingroom.looking import look_again_seconds
from marketday.waitingroom.model import Admitted, Board, Draw, Entry, Facts, Snapshot, Standing
from marketday.web.gate.now import document
from marketday.web.gate.view import Section, sight_of, view_of

STATIC = Path(marketday.__file__).parent / "web/gate/static"
NODE = shutil.which("node")
OPENS = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)
SEED = hashlib.sha256(b"a fixed seed").digest()

pytestmark = pytest.mark.skipif(NODE is None, reason="NO NODE: the page's scripts are NOT compared with Python")


def told_by_node(folder: Path, script: str, program: str, cases: list[Any]) -> Any:
    module = folder / f"{script}.mjs"  # the ending tells every Node that it is a module
    shutil.copyfile(STATIC / f"{script}.js", module)
    argv = [str(NODE), str(Path(__file__).with_name(program)), module.as_uri()]
    answer = subprocess.run(argv, input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=60)
    return json.loads(answer.stdout)


def test_javascript_and_python_draw_the_same(tmp_path: Path) -> None:
    seeds = [hashlib.sha256(f"js {number}".encode()).digest() for number in range(4)]
    counts = [1, 2, 3, 7, 9, 10, 100, 2_999, 3_000, 1_000_003, 2**31]
    cases = [
        (seed, index, count)
        for seed in seeds
        for count in counts
        for index in sorted({0, count // 2, count - 1, min(8, count - 1)})
    ]
    asked = [{"seed": seed.hex(), "index": index, "count": count} for seed, index, count in cases]
    found = told_by_node(tmp_path, "draw", "draw_check.mjs", asked)
    assert found["positions"] == [permutation(seed, index, count) for seed, index, count in cases]
    assert found["commitment"] == commitment(seeds[0]).hex()


CROWDS = (300, 12_000, 70_000)


def standings() -> list[tuple[Standing, datetime, bool]]:
    """Every combination of phase, stock, entry, call and admission, sensible or not."""
    hour = timedelta(hours=1)
    facts = Facts("dawn-serum", OPENS - hour, OPENS, OPENS + hour, 600, commitment(SEED), rejoins=1)
    rooms = [
        Snapshot(facts, None, Board(), serving_number=9, entries=people, admitted=0, inside=0) for people in CROWDS
    ]
    draws = (None, Draw(SEED, 10, OPENS))
    entries = (None, Entry(3, OPENS), Entry(7, OPENS), Entry(200, OPENS))
    return [
        (Standing(replace(room, draw=draw, board=Board(stock, 1, speed)), entry, admitted, bought), now, known)
        for room, now, draw, stock, speed, entry, known in itertools.product(
            rooms,
            [OPENS + timedelta(minutes=minutes) for minutes in (-90, -30, -0.1, 30, 59.99, 60.01, 90)],
            draws,
            StockState,
            (0.0, 0.5, 20.0),
            entries,
            (True, False),
        )
        for admitted in (None, Admitted(now, now + timedelta(seconds=1)), Admitted(OPENS, now))
        if admitted is None or (draw is not None and entry is not None)
        for bought in (False, True)
        if admitted is not None or not bought
    ]


def own_of(standing: Standing, now: datetime, *, known: bool) -> dict[str, Any]:
    state = view_of(standing, now, known=known).state
    return {
        "index": standing.entry.index if standing.entry else None,
        "position": standing.position,
        "known": known,
        "outcome": state.value if state in (Section.INSIDE, Section.AGAIN, Section.EXPIRED) else None,
    }


def test_javascript_and_python_show_the_same_and_look_again_at_the_same_time(tmp_path: Path) -> None:
    lucks = itertools.cycle([0.0, 0.25, 0.5, 0.99])
    cases = [(*standing, luck) for standing, luck in zip(standings(), lucks, strict=False)]
    asked = [
        {
            "now": document(standing.room, now),
            "own": own_of(standing, now, known=known),
            "at": now.timestamp() * 1000,
            "luck": luck,
        }
        for standing, now, known, luck in cases
    ]
    found = told_by_node(tmp_path, "view", "view_check.mjs", asked)
    views = [view_of(standing, now, known=known) for standing, now, known, _ in cases]
    assert {view.state for view in views} == set(Section)
    assert [told[:3] for told in found] == [[view.state.value, view.ahead, view.minutes] for view in views]
    waits = [look_again_seconds(sight_of(standing, now, known=known), luck) for standing, now, known, luck in cases]
    assert [told[3] for told in found] == pytest.approx(waits)
