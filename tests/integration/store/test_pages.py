"""The store's pages as a browser without scripts sees them: forms, redirects, notices, pictures."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from marketday.drops.pictures import written
from marketday.kit.ids import new_id
from marketday.testing.drops import SLUG, Shop
from marketday.testing.gateway import FakeGateway

from .conftest import Mint

PAGE = {"Accept": "text/html", "Accept-Language": "en"}
PICTURE = re.compile(r'<img class="picture" src="([^"]+)"')
Eventually = Callable[..., Awaitable[Any]]
KEY = re.compile(r'name="key" value="([^"]+)"')


class Browser:
    """One shopper with the gate's cookies."""

    def __init__(self, client: httpx.AsyncClient, mint: Mint, person: UUID, *, admitted: bool = True) -> None:
        self.client = client
        self.person = person
        self.headers = PAGE | {"Cookie": mint.cookies(person, admitted=admitted), "Sec-Fetch-Site": "same-origin"}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers | headers)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.client.post(path, data=fields, headers=self.headers)

    async def reserve(self, quantity: str = "1") -> httpx.Response:
        page = await self.get(f"/drops/{SLUG}")
        return await self.reserve_from(page.text, quantity)

    async def reserve_from(self, page: str, quantity: str = "1") -> httpx.Response:
        key = KEY.search(page)
        assert key is not None
        return await self.post(f"/drops/{SLUG}/reservations", sku="DAWN-30", quantity=quantity, key=key[1])

    async def pay(self, reservation: str, method: str = "card_ok") -> httpx.Response:
        page = await self.get(reservation)
        key = KEY.search(page.text)
        assert key is not None
        return await self.post(f"{reservation}/pay", method=method, key=key[1])


@pytest.fixture
def browser(client: httpx.AsyncClient, mint: Mint) -> Browser:
    return Browser(client, mint, new_id())


async def test_from_the_product_to_having_it(browser: Browser, shop: Shop):
    page = await browser.get(f"/drops/{SLUG}")
    assert page.status_code == 200
    assert "Dawn Serum" in page.text
    assert "10 left" in page.text
    held = await browser.reserve_from(page.text, "2")
    assert held.status_code == 303
    checkout = await browser.get(held.headers["location"])
    assert "₩64,000" in checkout.text
    paid = await browser.pay(held.headers["location"])
    assert paid.headers["location"].startswith(f"/drops/{SLUG}/orders/")
    assert "You have it" in (await browser.get(paid.headers["location"])).text
    assert (await browser.get(held.headers["location"])).headers["location"] == paid.headers["location"]
    assert await shop.broken_sums() == []


async def test_pressing_twice_reserves_once(browser: Browser, shop: Shop):
    page = (await browser.get(f"/drops/{SLUG}")).text
    first, second = await browser.reserve_from(page), await browser.reserve_from(page)
    assert first.headers["location"] == second.headers["location"]
    other = await browser.reserve_from(page, "2")
    assert other.status_code == 422
    assert "You pressed this button before" in other.text
    assert await shop.stock() == (10, 1, 0)


async def test_a_declined_card_is_a_notice_and_the_reservation_stands(browser: Browser):
    held = (await browser.reserve()).headers["location"]
    declined = await browser.pay(held, "card_declined")
    assert declined.headers["location"] == held
    page = await browser.get(held)
    assert page.status_code == 200
    assert "did not go through" in page.text
    assert (await browser.pay(held)).headers["location"].startswith(f"/drops/{SLUG}/orders/")


async def test_an_unanswered_payment_is_a_page_that_asks_again(browser: Browser, gateway: FakeGateway):
    held = (await browser.reserve()).headers["location"]
    assert (await browser.pay(held, "card_late")).headers["location"] == held
    page = await browser.get(held)
    assert 'http-equiv="refresh"' in page.text
    assert KEY.search(page.text) is None
    assert (await browser.post(f"{held}/release")).headers["location"] == held


async def test_giving_up_gives_back_and_says_so(browser: Browser, shop: Shop):
    held = (await browser.reserve()).headers["location"]
    assert (await browser.post(f"{held}/release")).headers["location"] == f"/drops/{SLUG}"
    page = await browser.get(held)
    assert page.status_code == 410
    assert "You cancelled the reservation" in page.text
    assert await shop.stock() == (10, 0, 0)


async def test_what_cannot_be_reserved_is_said_on_the_page(browser: Browser, shop: Shop):
    for quantity, status, words in (
        ("3", 409, "more than the limit per person"),
        ("0", 422, "1 or more"),
        ("x", 422, "1 or more"),
        ("9" * 5_000, 422, "1 or more"),
    ):
        answer = await browser.reserve(quantity)
        assert answer.status_code == status
        assert words in answer.text
    await shop.owner.execute("UPDATE stock SET sold = total")
    assert "Everything is sold" in (await browser.get(f"/drops/{SLUG}")).text


async def test_nobody_is_asked_for_more_than_the_limit_leaves(browser: Browser):
    await browser.reserve("2")
    page = (await browser.get(f"/drops/{SLUG}")).text
    assert "reached the limit per person" in page


async def test_without_admission_the_way_leads_to_the_waiting_room(client: httpx.AsyncClient, mint: Mint):
    room = f"/drops/{SLUG}/room"
    assert (await client.get(f"/drops/{SLUG}", headers=PAGE)).headers["location"] == room
    outside = Browser(client, mint, new_id(), admitted=False)
    assert (await outside.get(f"/drops/{SLUG}")).headers["location"] == room
    answer = await outside.post(f"/drops/{SLUG}/reservations", sku="DAWN-30", quantity="1", key="k")
    assert answer.headers["location"] == room


async def test_who_holds_something_finds_it_without_admission(client: httpx.AsyncClient, mint: Mint):
    person = new_id()
    held = (await Browser(client, mint, person).reserve()).headers["location"]
    outside = Browser(client, mint, person, admitted=False)
    assert (await outside.get(f"/drops/{SLUG}")).headers["location"] == held
    bought = (await outside.pay(held)).headers["location"]
    assert bought.startswith(f"/drops/{SLUG}/orders/")
    assert (await outside.get(f"/drops/{SLUG}")).headers["location"] == bought


async def test_another_persons_page_is_not_there(browser: Browser, client: httpx.AsyncClient, mint: Mint):
    held = (await browser.reserve()).headers["location"]
    answer = await Browser(client, mint, new_id()).get(held)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_form_of_another_site_is_refused(browser: Browser, shop: Shop):
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    answer = await browser.post(f"/drops/{SLUG}/reservations", sku="DAWN-30", quantity="1", key="k")
    assert answer.status_code == 403
    assert await shop.stock() == (10, 0, 0)


async def test_every_page_in_four_languages(browser: Browser, shop: Shop):
    held = (await browser.reserve()).headers["location"]
    gone = (await browser.reserve()).headers["location"]
    await browser.post(f"{gone}/release")
    for path in (f"/drops/{SLUG}", held, gone):
        for language in ("ko", "en", "ja", "zh"):
            page = await browser.get(f"{path}?lang={language}")
            assert f'<html lang="{language}">' in page.text
    await browser.pay(held, "card_late")
    assert "확인하고 있어요" in (await browser.get(f"{held}?lang=ko")).text


async def test_a_drop_that_is_closed_early_says_so(browser: Browser, shop: Shop, eventually: Eventually):
    assert "The drop is over" not in (await browser.get(f"/drops/{SLUG}")).text
    past = "UPDATE drops SET room_opens_at = '2026-01-01', opens_at = '2026-01-01', closes_at = '2026-01-02'"
    await shop.owner.execute(past)

    async def says_so() -> bool:
        return "The drop is over" in (await browser.get(f"/drops/{SLUG}")).text

    await eventually(says_so)


async def test_before_the_opening_the_way_leads_to_the_waiting_room(browser: Browser, shop: Shop):
    await shop.owner.execute(
        "UPDATE drops SET opens_at = now() + interval '1 hour', closes_at = now() + interval '2 hours'"
    )
    assert (await browser.get(f"/drops/{SLUG}")).headers["location"] == f"/drops/{SLUG}/room"


async def test_another_drop_in_the_same_browser_disturbs_nothing(client: httpx.AsyncClient, mint: Mint):
    here = Browser(client, mint, new_id())
    here.headers["Cookie"] += "; " + mint.cookies(new_id(), drop="dusk-cream")
    held = (await here.reserve()).headers["location"]
    assert "Pay" in (await here.get(held)).text
    assert (await here.pay(held)).headers["location"].startswith(f"/drops/{SLUG}/orders/")


async def test_a_reservation_is_a_page_of_its_own_drop_alone(browser: Browser):
    held = (await browser.reserve()).headers["location"]
    elsewhere = held.replace(SLUG, "dusk-cream")
    unknown = await browser.get(elsewhere)
    assert unknown.status_code == 401
    assert 'href="/drops/dusk-cream/room"' in unknown.text, "the way to sign in"
    bought = (await browser.pay(held)).headers["location"]
    browser.headers["Cookie"] = browser.headers["Cookie"].replace(SLUG, "dusk-cream")
    for page in (elsewhere, bought.replace(SLUG, "dusk-cream")):
        assert (await browser.get(page)).status_code == 404


async def test_times_are_those_of_the_drops_own_zone_and_an_end_is_no_duration(browser: Browser, shop: Shop):
    await shop.owner.execute("UPDATE drops SET zone = 'America/New_York'")
    held = (await browser.reserve()).headers["location"]
    for path in (f"/drops/{SLUG}", held):
        page = (await browser.get(path)).text
        assert re.search(r'<time class="until number"[^>]*>until [^<]*\d\d:\d\d \(New York[^<]*\)</time>', page)
    bought = (await browser.pay(held)).headers["location"]
    assert re.search(
        r'<time [^>]*data-zone="America/New_York">[^<]*\(New York[^<]*\)</time>', (await browser.get(bought)).text
    )


async def test_a_picture_is_a_file_that_is_kept_for_ever_on_every_page(
    browser: Browser, client: httpx.AsyncClient, shop: Shop
):
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b" " * 100_000
    await shop.owner.execute("UPDATE items SET image = $1", written("image/svg+xml", svg))
    held = (await browser.reserve()).headers["location"]
    pages = [await browser.get(f"/drops/{SLUG}"), await browser.get(held)]
    pages.append(await browser.get((await browser.pay(held)).headers["location"]))
    [address] = {found for page in pages for found in PICTURE.findall(page.text)}
    assert re.fullmatch(rf"/drops/{SLUG}/pictures/[0-9a-f]{{32}}\.svg", address)
    for page in pages:
        assert len(PICTURE.findall(page.text)) == 1
        assert len(page.content) < 20_000
        assert "data:" not in page.text + page.headers["content-security-policy"]
    shown = await client.get(address)
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, svg, "image/svg+xml")
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "sandbox" in shown.headers["content-security-policy"], "an SVG that is opened by itself runs nothing"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert (await client.head(address)).headers["etag"] == shown.headers["etag"]
    again = await client.get(address, headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for other in (address.replace(".svg", ".png"), address.replace(SLUG, "dusk-cream"), f"/drops/{SLUG}/pictures/x"):
        unknown = await client.get(other)
        assert (unknown.status_code, unknown.headers["cache-control"]) == (404, "no-store")


async def test_an_item_whose_picture_was_damaged_is_sold_without_it(browser: Browser, shop: Shop):
    await shop.owner.execute("UPDATE items SET image = 'data:image/png;base64,A'")
    page = await browser.get(f"/drops/{SLUG}")
    assert 'class="picture blank"' in page.text
    assert (await browser.reserve_from(page.text)).status_code == 303


async def test_a_page_reads_neither_drop_nor_items_again(browser: Browser, shop: Shop):
    assert "Dawn Serum" in (await browser.get(f"/drops/{SLUG}")).text
    await shop.owner.execute("UPDATE items SET title_en = 'never read'")
    held = (await browser.reserve()).headers["location"]
    for path in (f"/drops/{SLUG}", held):
        assert "Dawn Serum" in (await browser.get(path)).text
