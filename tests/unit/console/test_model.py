from datetime import timedelta

import pytest

from marketday.testing.console import OPENS, a_run
from marketday.web.console.model import (
    Plane,
    Process,
    Stock,
    next_moment,
    services_to_ask,
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


def test_what_is_left_is_what_nobody_holds():
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
    assert services_to_ask(run, planes) == [
        ("mall", "mall", "http://m"),
        ("event", "gate", "https://gate.example"),
        ("event", "store", "http://s"),
    ]
    assert services_to_ask(None, planes) == [("mall", "mall", "http://m")]
