from datetime import timedelta

import pytest

from marketday.testing.console import OPENS, a_run
from marketday.web.console.model import (
    Plane,
    Process,
    Stock,
    event_services,
    in_order,
    mall_services,
    next_moment,
    planes_of,
    stock_of,
    timeline,
)


def row(step, outcome, seconds, detail=""):
    return {"step": step, "outcome": outcome, "detail": detail, "at": OPENS + timedelta(seconds=seconds)}


def test_a_step_is_one_entry_from_its_start_to_its_end():
    (step,) = timeline([row("smoke", "started", 0), row("smoke", "done", 2.5, "walked")])
    assert (step.outcome, step.seconds, step.detail, step.tries) == ("done", 2.5, "walked", 1)


def test_a_step_tried_again_keeps_its_place_and_shows_its_last_try():
    rows = [row("smoke", "started", 0), row("smoke", "failed", 1, "503"), row("smoke", "started", 5)]
    (step,) = timeline(rows)
    assert (step.outcome, step.seconds, step.tries, step.started_at) == ("started", None, 2, rows[2]["at"])


def test_steps_stand_in_the_order_of_their_first_start():
    rows = [row("provision", "started", 0), row("provision", "done", 1), row("smoke", "started", 2)]
    assert [step.name for step in timeline(rows)] == ["provision", "smoke"]


def test_a_step_that_failed_before_it_was_recorded_as_started_is_shown():
    (step,) = timeline([row("provision", "failed", 3, "no port")])
    assert (step.outcome, step.tries, step.seconds) == ("failed", 1, 0.0)


def test_the_stores_own_count_of_stock_goes_before_the_public_document():
    counted = Stock(total=400, reserved=10, sold=90)
    assert stock_of(a_run(), counted, {"left": 1}) is counted
    assert stock_of(a_run(), None, {"left": 300}) == Stock(total=400, reserved=100, sold=0)
    assert stock_of(a_run(), None, None) is None


def test_units_left_are_neither_reserved_nor_sold():
    assert Stock(total=400, reserved=10, sold=90).left == 300


def test_the_next_moment_is_the_first_that_is_still_to_come():
    run = a_run()
    assert next_moment(run, OPENS - timedelta(seconds=1)) == ("opens_at", OPENS)
    assert next_moment(run, OPENS) == ("closes_at", run.closes_at)
    assert next_moment(run, run.closes_at) is None
    assert next_moment(a_run(state="destroyed"), OPENS - timedelta(days=9)) is None


@pytest.mark.parametrize(
    ("supervised", "up", "health"), [(True, True, "good"), (True, False, "warn"), (False, True, "bad")]
)
def test_the_health_of_a_plane(supervised, up, health):
    assert Plane("event", "x", supervised, [Process("gate", up, 1, 0)]).health == health


def test_an_environments_recorded_addresses_go_before_its_folders():
    run = a_run(services={"gate": "https://gate.example"})
    planes = [
        Plane("mall", "mall", True, services={"mall": "http://m"}),
        Plane("event", run.id, True, services={"gate": "http://g", "store": "http://s"}),
        Plane("event", "another", True, services={"gate": "http://other"}),
    ]
    assert event_services(run, planes) == {"gate": "https://gate.example", "store": "http://s"}
    assert mall_services(planes) == {"mall": "http://m"}
    assert [plane.name for plane in planes_of(run, planes)] == ["mall", run.id]


HOUR = timedelta(hours=1)


def a_run_of(drop, state, opens_in):
    """Return a run that opens `opens_in` hours after OPENS, for an hour."""
    opens = OPENS + opens_in * HOUR
    return a_run(id=drop, drop=drop, state=state, opens_at=opens, closes_at=opens + HOUR)


@pytest.mark.parametrize(
    ("runs", "order"),
    [
        ([("past", "destroyed", -9), ("open", "open", 0)], "open past"),
        ([("finished", "verified", -2), ("open", "open", 0), ("ready", "ready", 3)], "open ready finished"),
        ([("second", "open", 0), ("first", "open", -0.5)], "first second"),
        ([("later", "requested", 8), ("soon", "requested", 5), ("ready", "ready", 9)], "ready soon later"),
        ([("closing", "draining", -2), ("ready", "ready", 1), ("open", "open", 0)], "open closing ready"),
        ([("stuck", "open", -2), ("open", "open", 0)], "open stuck"),  # closed by its clock, and not recorded yet
        ([("ready", "ready", 1), ("by-clock", "ready", 0)], "by-clock ready"),
        ([("old", "destroyed", -20), ("new", "destroyed", -10)], "new old"),
        ([("broken", "failed", 0), ("ready", "ready", 2)], "broken ready"),
        ([], ""),
    ],
)
def test_what_sells_now_goes_first_and_what_is_finished_last(runs, order):
    found = in_order([a_run_of(*each) for each in runs], OPENS + timedelta(minutes=10))
    assert " ".join(run.drop for run in found) == order
