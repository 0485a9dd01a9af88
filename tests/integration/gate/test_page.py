"""The waiting page as a browser without scripts meets it: forms, cookies, redirects and reloads."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from marketday.catalog.stock import StockState
from marketday.kit.ids import new_id
from marketday.waitingroom.draw import permutation
from marketday.waitingroom.model import Board
from marketday.waitingroom.tokens import verify
from marketday.waitingroom.valkey import ValkeyRooms

from .conftest import COOKIES, FOREIGN_KEY, SEED, Publish, identity

ROOM = "/drops/dawn-serum/room"
ENTER = "/drops/dawn-serum/enter"
BROWSER = {"Accept": "text/html", "Accept-Language": "en", "Origin": "http://event.localhost:9"}


MALL = "http://mall.localhost:8"
IDENTITY = COOKIES.identity("dawn-serum")
ADMISSION = COOKIES.admission("dawn-serum")


async def come_in(gate: httpx.AsyncClient, person: UUID, drop: str = "dawn-serum") -> httpx.Response:
    """Press the button on the mall's page: a form from another site."""
    headers = {**BROWSER, "Origin": MALL, "Sec-Fetch-Site": "cross-site"}
    return await gate.post(f"/drops/{drop}/enter", data={"identity": identity(person)}, headers=headers)


async def shown(gate: httpx.AsyncClient, **headers: str) -> str:
    """Return the name of the one section that is shown."""
    answer = await gate.get(ROOM, headers={**BROWSER, **headers})
    assert answer.status_code == 200
    sections = re.findall(r'<section data-section="(\w+)" class="stack"( hidden)?>', answer.text)
    visible = [name for name, hidden in sections if not hidden]
    assert len(sections) == 10
    assert len(visible) == 1
    return visible[0]


async def test_the_whole_way_without_a_script(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms, admission_key: bytes
) -> None:
    facts = await publish()
    person = new_id()
    entered = await come_in(gate, person)
    assert (entered.status_code, entered.headers["location"]) == (303, ROOM)
    cookie = entered.headers["set-cookie"]
    assert all(part in cookie for part in (f"{IDENTITY}=", "HttpOnly", "SameSite=lax", "Path=/"))
    assert await shown(gate) == "waiting"
    assert await shown(gate) == "waiting"
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).entries == 1, "a reload keeps the place"

    await rooms.open(facts.slug, SEED, facts.opens_at)
    assert await shown(gate) == "queued"
    early = await gate.post(ROOM, headers=BROWSER)
    assert (early.status_code, early.headers["location"]) == (303, ROOM)
    await rooms.call(facts.slug, 1, facts.opens_at)
    assert await shown(gate) == "served"
    inside = await gate.post(ROOM, headers=BROWSER)
    assert (inside.status_code, inside.headers["location"]) == (303, "/drops/dawn-serum")
    assert "HttpOnly" in inside.headers["set-cookie"]
    admission = verify(admission_key, inside.cookies[ADMISSION], "dawn-serum", datetime.now(UTC))
    assert admission.person_id == person
    assert await shown(gate) == "inside"
    again = await gate.post(ROOM, headers=BROWSER)
    assert again.cookies[ADMISSION] == inside.cookies[ADMISSION]


async def test_a_script_gets_in_by_cookie(gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms) -> None:
    facts = await publish()
    await come_in(gate, new_id())
    joined = await gate.post("/v1/drops/dawn-serum/entries", headers={"Sec-Fetch-Site": "same-origin"})
    assert joined.status_code == 201
    await rooms.open(facts.slug, SEED, facts.opens_at)
    await rooms.call(facts.slug, 1, facts.opens_at)
    admitted = await gate.post("/v1/drops/dawn-serum/admissions", headers={"Sec-Fetch-Site": "same-origin"})
    assert admitted.status_code == 201
    assert admitted.cookies[ADMISSION] == admitted.json()["admission"]


@pytest.mark.parametrize("path", ["/v1/drops/dawn-serum/entries", "/v1/drops/dawn-serum/admissions", ROOM])
async def test_another_site_cannot_press_the_buttons(gate: httpx.AsyncClient, publish: Publish, path: str) -> None:
    await publish()
    await come_in(gate, new_id())
    answer = await gate.post(path, headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://evil.example",
        "http://event.localhost:9",
        "http://evil.localhost:8",
        "http://mall.localhost",
    ],
)
async def test_nobody_is_signed_in_by_a_page_that_is_not_the_malls(
    gate: httpx.AsyncClient, publish: Publish, origin: str | None
) -> None:
    await publish()
    headers = {name: value for name, value in BROWSER.items() if name != "Origin"}
    headers |= {} if origin is None else {"Origin": origin}
    answer = await gate.post(ENTER, data={"identity": identity(new_id())}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "This was sent from another site" in answer.text


async def test_the_language_of_the_mall_comes_along(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    answer = await gate.post(
        f"{ENTER}?lang=ja", data={"identity": identity(new_id())}, headers={**BROWSER, "Origin": MALL}
    )
    assert answer.headers["location"] == ROOM
    assert answer.cookies["lang"] == "ja"
    assert '<html lang="ja"' in (await gate.get(ROOM, headers=BROWSER)).text


async def test_a_link_on_another_page_changes_the_language_for_one_page_alone(
    gate: httpx.AsyncClient, publish: Publish
) -> None:
    await publish()
    for site, kept in (("cross-site", None), ("same-site", None), ("same-origin", "zh"), ("none", "zh")):
        gate.cookies.clear()
        answer = await gate.get(f"{ROOM}?lang=zh", headers={**BROWSER, "Sec-Fetch-Site": site})
        assert '<html lang="zh"' in answer.text
        assert answer.cookies.get("lang") == kept


async def test_a_place_comes_by_itself_when_the_room_opens(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish(room=5, opens=10)
    await come_in(gate, new_id())
    assert await shown(gate) == "upcoming"
    await publish(room=-1, opens=10)
    assert await shown(gate) == "waiting"


async def test_who_is_not_known_is_sent_to_the_mall(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    assert await shown(gate) == "sign_in"
    assert await shown(gate, cookie=f"{IDENTITY}={identity(new_id(), minutes_ago=90)}") == "sign_in"
    page = await gate.get(ROOM, headers=BROWSER)
    assert 'href="http://mall.localhost:8/drops/dawn-serum"' in page.text
    back = await gate.post(ROOM, headers=BROWSER)
    assert back.headers["location"] == ROOM


async def test_sold_out_expired_and_closed(gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms) -> None:
    facts = await publish()
    person = new_id()
    await come_in(gate, person)
    await shown(gate)
    await rooms.open(facts.slug, SEED, facts.opens_at)
    await rooms.write_board(facts.slug, Board(StockState.SOLD_OUT))
    assert await shown(gate) == "sold_out"
    await rooms.write_board(facts.slug, Board())
    now = datetime.now(UTC)
    await rooms.admit(facts.slug, person, 0, now - timedelta(seconds=9), now - timedelta(seconds=1))
    assert await shown(gate) == "again"
    await publish(rejoins=0)
    assert await shown(gate) == "expired"
    await publish(closes=-0.1)
    assert await shown(gate) == "closed"


async def test_the_page_tells_position_wait_and_the_draw(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms
) -> None:
    facts = await publish()
    for _ in range(499):
        await rooms.join(facts.slug, new_id(), facts.room_opens_at)
    await come_in(gate, new_id())
    await shown(gate)
    await rooms.open(facts.slug, SEED, facts.opens_at)
    await rooms.call(facts.slug, 2, facts.opens_at)
    await rooms.write_board(facts.slug, Board(StockState.AVAILABLE, left=40, rate_per_second=1.0))
    position = permutation(SEED, 499, 500)
    page = (await gate.get(ROOM, headers=BROWSER)).text
    assert f'data-position="{position}"' in page
    assert f'data-value="ahead">{position - 2}</span>' in page
    assert f"About {-(-(position - 2) // 60)} min" in page
    assert SEED.hex() in page
    assert facts.commitment.hex() in page


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("ko", "새벽 세럼", "대기실에 들어왔어요"),
        ("en", "Dawn Serum", "You are in the waiting room"),
        ("ja", "Dawn Serum", "待合室に入りました"),
        ("zh", "Dawn Serum", "您已进入等候室"),
    ],
)
async def test_in_four_languages(
    gate: httpx.AsyncClient, publish: Publish, language: str, title: str, text: str
) -> None:
    await publish()
    await come_in(gate, new_id())
    page = (await gate.get(f"{ROOM}?lang={language}")).text
    assert f'<html lang="{language}"' in page
    assert title in page
    assert text in page


@pytest.mark.parametrize(
    ("token", "status"), [("", 401), ("nonsense", 401), ("forged", 401), ("expired", 401), ("x" * 2000, 422)]
)
async def test_who_cannot_come_in(gate: httpx.AsyncClient, publish: Publish, token: str, status: int) -> None:
    await publish()
    made = {"forged": identity(new_id(), key=FOREIGN_KEY), "expired": identity(new_id(), minutes_ago=90)}
    answer = await gate.post(ENTER, data={"identity": made.get(token, token)}, headers={**BROWSER, "Origin": MALL})
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert "<html" in answer.text


async def test_a_room_that_does_not_exist(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    gate.cookies.set(COOKIES.identity("no-such-drop"), identity(new_id()))
    for answer in (
        await gate.get("/drops/no-such-drop/room", headers=BROWSER),
        await gate.post("/drops/no-such-drop/room", headers=BROWSER),
        await gate.post(
            "/drops/no-such-drop/enter", headers={**BROWSER, "Origin": MALL}, data={"identity": identity(new_id())}
        ),
    ):
        assert answer.status_code == 404
        assert "<html" in answer.text


async def test_no_script_or_style_stands_in_the_page_itself(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    page = await gate.get(ROOM, headers=BROWSER)
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "img-src 'self';" in page.headers["content-security-policy"]
    assert not re.search(r"<style|style=|\son\w+=\"|<script(?![^>]*(src=|application/json))", page.text)
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert (await gate.get(path)).status_code == 200


async def test_two_drops_in_one_browser_do_not_disturb_each_other(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms, admission_key: bytes
) -> None:
    people = {"dawn-serum": new_id(), "dusk-cream": new_id()}
    for drop, person in people.items():
        facts = await publish(slug=drop)
        await come_in(gate, person, drop)
        await gate.get(f"/drops/{drop}/room", headers=BROWSER)
        await rooms.open(drop, SEED, facts.opens_at)
        await rooms.call(drop, 1, facts.opens_at)
        assert (await gate.post(f"/drops/{drop}/room", headers=BROWSER)).headers["location"] == f"/drops/{drop}"
    for drop, person in people.items():
        admission = verify(admission_key, gate.cookies[COOKIES.admission(drop)], drop, datetime.now(UTC))
        assert admission.person_id == person
        joined = await gate.post(f"/v1/drops/{drop}/entries", headers={"Sec-Fetch-Site": "same-origin"})
        assert joined.status_code == 200, "the place that this person has already"


async def test_back_into_the_queue_without_a_script(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms
) -> None:
    facts = await publish(rejoins=1)
    person, now = new_id(), datetime.now(UTC)
    await come_in(gate, person)
    await shown(gate)
    await rooms.open(facts.slug, SEED, facts.opens_at)
    for _ in range(3):
        await rooms.join(facts.slug, new_id(), now)
    await rooms.call(facts.slug, 1, now)
    await rooms.admit(facts.slug, person, 0, now - timedelta(seconds=9), now - timedelta(seconds=1))
    assert await shown(gate) == "again"
    for _ in range(2):
        answer = await gate.post(f"{ROOM}/again", headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (303, ROOM)
        assert await shown(gate) == "queued"
    page = (await gate.get(ROOM, headers=BROWSER)).text
    assert 'data-value="ahead">3</span>' in page
    await rooms.call(facts.slug, 5, now)
    assert await shown(gate) == "served"
    await rooms.admit(facts.slug, person, 4, now - timedelta(seconds=9), now - timedelta(seconds=1))
    assert await shown(gate) == "expired", "once is all that this drop allows"


@pytest.mark.parametrize(("ahead", "soonest", "latest"), [(0, 1, 1), (6, 2, 2), (400, 8, 12)])
async def test_without_a_script_the_page_comes_anew_as_soon_as_it_matters(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms, ahead: int, soonest: int, latest: int
) -> None:
    facts = await publish()
    await rooms.open(facts.slug, SEED, facts.opens_at)
    for _ in range(ahead):
        await rooms.join(facts.slug, new_id(), facts.room_opens_at)
    await come_in(gate, new_id())
    page = (await gate.get(ROOM, headers=BROWSER)).text
    seconds = re.search(r'<meta http-equiv="refresh" content="(\d+)">', page)
    assert seconds is not None
    assert soonest <= int(seconds[1]) <= latest


async def test_times_are_those_of_the_drops_own_zone(gate: httpx.AsyncClient, publish: Publish) -> None:
    facts = await publish(room=5, opens=10)
    page = (await gate.get(f"{ROOM}?lang=en")).text
    local = facts.room_opens_at.astimezone(ZoneInfo("America/New_York"))
    assert f"{local:%H:%M} (New York)" in page
    assert "Seoul" not in page


@pytest.mark.parametrize("language", ["ko", "en", "ja", "zh"])
async def test_every_section_but_those_that_move_by_themselves_has_a_way_on(
    gate: httpx.AsyncClient, publish: Publish, language: str
) -> None:
    await publish()
    page = (await gate.get(f"{ROOM}?lang={language}")).text
    sections = re.findall(r'<section data-section="(\w+)"[^>]*>(.*?)</section>', page, re.DOTALL)
    without = {name for name, content in sections if "<a " not in content and "<button" not in content}
    assert without == {"waiting", "queued"}
