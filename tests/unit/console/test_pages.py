import json
from datetime import timedelta

from marketday.testing.console import OPENS, a_run
from marketday.web.console.model import STATES, Receipt, Step
from marketday.web.console.routes import Screen, _events
from marketday.web.pages import LANGUAGES

from .test_proof import CLAIMS


async def test_every_state_has_its_page_in_every_language(browser, collector, world):
    steps = [
        Step(name, outcome, OPENS, OPENS + timedelta(seconds=2), "detail", 2)
        for name, outcome in [("provision", "done"), ("hand_over", "started"), ("smoke", "failed"), ("open", "done")]
    ]
    receipt = Receipt(OPENS, "signed.token.text", CLAIMS)
    wrong = []
    for state in (*STATES, "failed"):
        world.run_list = [a_run(state=state, failed_step="smoke", failure="503", steps=steps, receipt=receipt)]
        await collector.look()
        for language in LANGUAGES:
            page = (await browser.get("/", params={"lang": language})).text
            name = "새벽 세럼" if language == "ko" else "Dawn Serum"
            shown = all(text in page for text in (f'<html lang="{language}">', name, "signed.token.text"))
            if not shown or ("marketday env retry" in page) != (state == "failed"):
                wrong.append((state, language))
    assert wrong == []


async def test_the_figures_stand_in_the_page_before_any_script_runs(browser, collector):
    await collector.look()
    page = (await browser.get("/?lang=en")).text
    assert "1,234" in page
    assert "789" in page


async def test_without_a_drop_the_page_says_what_to_do(browser, collector, world):
    world.run_list = []
    await collector.look()
    answer = await browser.get("/?lang=en")
    assert answer.status_code == 200
    assert "marketday env build" in answer.text


async def test_a_dead_event_plane_and_a_dead_database_are_said(browser, collector, world):
    await collector.look()
    world.document, world.database_up = None, False
    await collector.look()
    page = (await browser.get("/?lang=en")).text
    assert "The event plane does not answer." in page
    assert "database does not answer." in page
    assert (await browser.get("/readyz")).status_code == 503


async def test_a_failure_reason_is_text_and_never_markup(browser, collector, world):
    world.run_list = [a_run(state="failed", failed_step="smoke", failure="<script>alert(1)</script>")]
    await collector.look()
    assert "<script>alert(1)" not in (await browser.get("/")).text


async def test_two_drops_are_chosen_between_and_told_in_their_own_zones(browser, collector, world):
    later = OPENS + timedelta(hours=1)
    new_york = a_run(id="ny", name_en="Dusk Cream", zone="America/New_York", state="ready", opens_at=later)
    world.run_list = [new_york, *world.run_list]
    await collector.look()
    page = (await browser.get("/?lang=en")).text
    assert "<h1>Dawn Serum</h1>" in page
    assert 'href="?environment=ny"' in page
    assert "2026-12-10 20:00 (Seoul)" in page
    other = (await browser.get("/?lang=en&environment=ny")).text
    assert "<h1>Dusk Cream</h1>" in other
    assert "2026-12-10 07:00 (New York)" in other
    assert "/stream?lang=en&amp;environment=ny" in other
    assert (await browser.get("/v1/day?environment=ny")).json()["run"]["id"] == "ny"


async def test_the_picture_is_there_for_programs(browser, collector):
    await collector.look()
    day = (await browser.get("/v1/day")).json()
    assert day["run"]["drop"] == "dawn-serum"
    assert day["now"]["waiting"] == 1234
    assert day["at"] == OPENS.isoformat()


async def test_a_stream_begins_with_the_history_and_goes_on_with_pictures(collector, pages):
    await collector.look()
    request = _request("en")
    events = _events(request, collector, Screen(pages))
    history, picture = await anext(events), await anext(events)
    assert history.event == "history"
    assert json.loads(history.data)["waiting"] == [1234]
    assert picture.event == "picture"
    told = json.loads(picture.data)
    assert told["at"] == OPENS.timestamp()
    assert told["point"]["inside"] == 56
    assert 'id="live-top"' in told["html"]
    assert "Waiting" in told["html"]
    await events.aclose()


async def test_a_page_is_drawn_once_for_all_viewers_of_a_language(collector, pages):
    screen = Screen(pages)
    day = await collector.look()
    english = screen.live(_request("en"), day)
    assert screen.live(_request("en"), day) is english
    assert screen.live(_request("ko"), day) != english
    assert screen.live(_request("en"), await collector.look()) is not english


def _request(language):
    from fastapi import Request

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/stream",
        "headers": [],
        "query_string": b"lang=" + language.encode(),
    }
    return Request(scope)
