"""People who wait for a unit that comes back, over the API and on pages without scripts."""

import re

import httpx
import pytest

from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG, Shop

from .conftest import Mint
from .test_api import pay, reserve, slug_of
from .test_pages import PAGE, Browser

STANDBYS = f"/v1/drops/{SLUG}/standbys"
STANDBY = re.compile(r'name="standby" value="([^"]+)"')


async def stand_by(client: httpx.AsyncClient, mint: Mint, person, position: int = 0, /, **wish):
    headers = mint.headers(person, **{"Marketday-Admission": mint.admission(person, position=position)})
    return await client.post(STANDBYS, json={"sku": SKU, "quantity": 1} | wish, headers=headers)


async def look(client: httpx.AsyncClient, mint: Mint, person):
    (mine,) = (await client.get(STANDBYS, headers=mint.headers(person))).json()["standbys"]
    return mine


@pytest.fixture
async def held(client: httpx.AsyncClient, mint: Mint, shop: Shop):
    """One unit, and somebody who holds it: a function that releases it."""
    await shop.owner.execute("UPDATE stock SET total = 1")
    holder = new_id()
    reservation = (await reserve(client, mint, holder)).json()["id"]

    async def release() -> None:
        answer = await client.delete(f"/v1/reservations/{reservation}", headers=mint.headers(holder))
        assert answer.status_code == 204

    return release


async def test_the_position_in_the_signed_admission_decides_who_gets_a_unit(
    client: httpx.AsyncClient, mint: Mint, shop: Shop, held
):
    late, early = new_id(), new_id()
    assert slug_of(await reserve(client, mint, late)) == "all-reserved"
    first = await stand_by(client, mint, late, 8)
    assert first.status_code == 201
    assert set(first.json()) == {"id", "drop", "sku", "quantity", "state", "ahead", "asked_at", "reservation"}
    assert (first.json()["state"], first.json()["ahead"]) == ("waiting", 0)
    assert (await stand_by(client, mint, early, 3)).json()["ahead"] == 0
    assert (await look(client, mint, late))["ahead"] == 1
    await held()
    assert (await look(client, mint, late))["state"] == "waiting"
    offer = await look(client, mint, early)
    assert (offer["state"], offer["ahead"], offer["reservation"]["quantity"]) == ("offered", None, 1)
    paid = await pay(client, mint, early, offer["reservation"]["id"])
    assert paid.status_code == 201
    assert (await look(client, mint, early))["state"] == "bought"
    assert (await look(client, mint, late))["state"] == "sold_out"
    assert await shop.broken_sums() == []


async def test_repeating_it_is_the_same_line(client: httpx.AsyncClient, mint: Mint, held):
    person = new_id()
    answers = [await stand_by(client, mint, person, 2) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.text for answer in answers}) == 1


async def test_leaving_the_line(client: httpx.AsyncClient, mint: Mint, shop: Shop, held):
    person = new_id()
    path = f"/v1/standbys/{(await stand_by(client, mint, person)).json()['id']}"
    assert slug_of(await client.delete(path, headers=mint.headers(new_id()))) == "unknown-standby"
    for _ in range(2):
        assert (await client.delete(path, headers=mint.headers(person))).status_code == 204
    await held()
    assert await shop.stock() == (1, 0, 0)
    assert (await client.get(STANDBYS, headers=mint.headers(person))).json() == {"standbys": []}


async def test_what_is_refused_says_why(client: httpx.AsyncClient, mint: Mint, shop: Shop, held):
    person = new_id()
    for wish, status, slug in (
        ({"quantity": 0}, 422, "invalid-quantity"),
        ({"quantity": "1"}, 422, "invalid-quantity"),
        ({"quantity": 2**31 - 1}, 409, "over-limit"),
        ({"sku": "NONE"}, 404, "unknown-item"),
        ({"position": 0}, 422, "invalid-request"),
    ):
        answer = await stand_by(client, mint, person, 0, **wish)
        assert (answer.status_code, slug_of(answer)) == (status, slug), wish
    outside = await client.post(
        STANDBYS, json={"sku": SKU, "quantity": 1}, headers={"Authorization": f"Bearer {mint.identity(person)}"}
    )
    assert (outside.status_code, slug_of(outside)) == (401, "missing-admission")
    assert slug_of(await client.get(STANDBYS)) == "missing-token"
    await shop.owner.execute("UPDATE drops SET closes_at = now()")
    assert (await stand_by(client, mint, person)).status_code == 201  # the last units may still come back
    await shop.owner.execute("INSERT INTO ended_offers SELECT slug FROM drops")
    assert slug_of(await stand_by(client, mint, person)) == "drop-closed"


async def test_the_pages_lead_from_the_refusal_to_the_order(client: httpx.AsyncClient, mint: Mint, shop: Shop, held):
    browser = Browser(client, mint, new_id())
    page = await browser.get(f"/drops/{SLUG}")
    assert "Wait for one that comes back" in page.text
    assert f'action="/drops/{SLUG}/standby"' in page.text
    there = await browser.post(f"/drops/{SLUG}/standby", sku=SKU, quantity="1")
    assert (there.status_code, there.headers["location"]) == (303, f"/drops/{SLUG}/standby")
    waiting = await browser.get(f"/drops/{SLUG}/standby")
    assert 'http-equiv="refresh"' in waiting.text
    assert "People before you: 0" in waiting.text
    assert "You are in line" in (await browser.get(f"/drops/{SLUG}")).text
    await held()
    offer = await browser.get(f"/drops/{SLUG}/standby")
    assert offer.status_code == 303
    assert offer.headers["location"].endswith("?offered=yes")
    checkout = await browser.get(offer.headers["location"])
    assert "One came back: it is yours." in checkout.text
    paid = await browser.pay(offer.headers["location"].partition("?")[0])
    assert paid.headers["location"].startswith(f"/drops/{SLUG}/orders/")
    assert "You bought it" in (await browser.get(f"/drops/{SLUG}/standby")).text


async def test_the_page_of_who_missed_it_offers_the_line_again(client: httpx.AsyncClient, mint: Mint, shop: Shop, held):
    browser = Browser(client, mint, new_id())
    await browser.post(f"/drops/{SLUG}/standby", sku=SKU, quantity="1")
    await held()
    await shop.owner.execute("SELECT expire_reservations(now() + interval '1 hour', 9)")
    missed = await browser.get(f"/drops/{SLUG}/standby")
    assert "goes to the next person" in missed.text
    assert "Get in line again" in missed.text
    assert 'http-equiv="refresh"' not in missed.text


async def test_the_line_is_found_without_admission_and_left_by_a_form(client: httpx.AsyncClient, mint: Mint, held):
    person = new_id()
    await Browser(client, mint, person).post(f"/drops/{SLUG}/standby", sku=SKU, quantity="1")
    outside = Browser(client, mint, person, admitted=False)
    assert (await outside.get(f"/drops/{SLUG}")).headers["location"] == f"/drops/{SLUG}/standby"
    found = STANDBY.search((await outside.get(f"/drops/{SLUG}/standby")).text)
    assert found is not None
    left = await outside.post(f"/drops/{SLUG}/standby/leave", standby=found[1])
    assert left.headers["location"] == f"/drops/{SLUG}/standby"
    assert (await outside.get(f"/drops/{SLUG}/standby")).headers["location"] == f"/drops/{SLUG}"
    assert (await outside.get(f"/drops/{SLUG}")).headers["location"] == f"/drops/{SLUG}/room"
    again = await outside.post(f"/drops/{SLUG}/standby", sku=SKU, quantity="1")
    assert again.headers["location"] == f"/drops/{SLUG}"
    assert (await client.get(f"/drops/{SLUG}/standby", headers=PAGE)).headers["location"] == f"/drops/{SLUG}/room"


async def test_who_waits_at_the_close_is_told_until_when_and_then_that_it_is_over(
    client: httpx.AsyncClient, mint: Mint, shop: Shop, held
):
    browser = Browser(client, mint, new_id())
    await browser.post(f"/drops/{SLUG}/standby", sku=SKU, quantity="1")
    await shop.owner.execute("UPDATE drops SET closes_at = now()")
    closed = await browser.get(f"/drops/{SLUG}/standby")
    assert "can still come back" in closed.text
    assert 'http-equiv="refresh"' in closed.text
    await shop.owner.execute(
        "UPDATE drops SET room_opens_at = '2026-01-01', opens_at = '2026-01-01', closes_at = '2026-01-02'"
    )
    over = await browser.get(f"/drops/{SLUG}/standby")
    assert "It is over: the drop has closed" in over.text
    assert 'http-equiv="refresh"' not in over.text


async def test_who_comes_right_after_the_close_can_still_wait(client: httpx.AsyncClient, mint: Mint, shop: Shop, held):
    browser = Browser(client, mint, new_id())
    await shop.owner.execute("UPDATE drops SET closes_at = now()")
    page = (await browser.get(f"/drops/{SLUG}")).text
    assert "can still come back" in page
    assert "The drop is over" not in page
    assert f'action="/drops/{SLUG}/standby"' in page
    await browser.post(f"/drops/{SLUG}/standby", sku=SKU, quantity="1")
    await held()
    assert (await browser.get(f"/drops/{SLUG}/standby")).headers["location"].endswith("?offered=yes")


async def test_the_quantity_that_is_no_number_leads_back_to_the_drop(client: httpx.AsyncClient, mint: Mint, held):
    browser = Browser(client, mint, new_id())
    for quantity in ("x", "0", "9" * 5000, "3"):
        answer = await browser.post(f"/drops/{SLUG}/standby", sku=SKU, quantity=quantity)
        assert answer.headers["location"] == f"/drops/{SLUG}"
