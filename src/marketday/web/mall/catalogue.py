"""Pages: home, categories, search, and the product."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from marketday.catalog.model import Category, Image, Page, Sort, Wish
from marketday.web.mall.drops import ListedDrop, VisitPhase
from marketday.web.mall.services import Mall, MallServices, fresh_menu
from marketday.web.mall.shared_answers import shows

LAST_PAGE = 100_000
NEWEST = 8  # products on the home page
LOW_STOCK = 10  # with this many units or fewer, the page says how many are left
MOST_UNITS = 20  # the largest quantity of one line in the form

# Shops choose the names of options freely; the names known here are shown in the reader's language.
_OPTION_NAMES = {
    "용량": "volume",
    "volume": "volume",
    "색상": "colour",
    "color": "colour",
    "colour": "colour",
    "shade": "colour",
    "향": "scent",
    "scent": "scent",
    "구성": "pack",
    "pack": "pack",
    "사이즈": "size",
    "size": "size",
}

router = APIRouter(include_in_schema=False, dependencies=[Depends(fresh_menu)])
PageNumber = Annotated[int, Query(ge=1, le=LAST_PAGE)]


@dataclass(frozen=True, slots=True)
class Hero:
    """The drop that the home page announces, and a picture of one of its products."""

    drop: ListedDrop
    image: Image | None


@router.get("/")
async def home(request: Request, mall: MallServices) -> Response:
    """Show the drop that is open or next, the other drops, the categories, and the new products."""
    newest = await mall.catalog.listing(Wish(size=NEWEST))
    drops = await _announced(mall)

    async def still() -> bool:
        return await _announced(mall) == drops

    shows(request.scope, availability_of=newest.products, still=still)
    return mall.pages.render(
        request,
        "home.html",
        hero=await _hero(mall, drops[0]) if drops else None,
        others=drops[1:],
        products=newest.products,
        total=newest.total,
    )


@router.get("/products")
async def all_products(request: Request, mall: MallServices, sort: Sort = Sort.NEW, page: PageNumber = 1) -> Response:
    """Show every product, page by page."""
    return await _listing(request, mall, Wish(sort=sort, page=page))


@router.get("/categories/{slug}")
async def category(
    request: Request, mall: MallServices, slug: str, sort: Sort = Sort.NEW, page: PageNumber = 1
) -> Response:
    """Show a category, page by page."""
    found = await mall.catalog.category(slug)
    return await _listing(request, mall, Wish(category=slug, sort=sort, page=page), category=found)


@router.get("/search")
async def search(
    request: Request,
    mall: MallServices,
    q: Annotated[str, Query(max_length=100)] = "",
    sort: Sort = Sort.NEW,
    page: PageNumber = 1,
) -> Response:
    """Show the products that contain all search words."""
    words = " ".join(q.split())
    return await _listing(request, mall, Wish(search=words, sort=sort, page=page), words=words)


@router.get("/products/{handle}")
async def product(request: Request, mall: MallServices, handle: str) -> Response:
    """Show a product with its variants and a form that adds one to the cart."""
    found = await mall.catalog.product(handle)
    first = next((variant for variant in found.offered if variant.buyable), None)
    names = {name for variant in found.offered for name, _ in variant.options}
    more = await mall.catalog.listing(Wish(category=found.category.slug if found.category else None, size=5))
    shows(request.scope, stock_of=[found], availability_of=more.products)
    return mall.pages.render(
        request,
        "product.html",
        product=found,
        category=found.category,
        chosen=first.sku if first else None,
        option_names=[_option_name(mall, request, name) for name in sorted(names)],
        more=[each for each in more.products if each.handle != found.handle][:4],
        low_stock=LOW_STOCK,
        most_units=MOST_UNITS,
    )


async def _announced(mall: Mall) -> list[ListedDrop]:
    return [drop for drop in await mall.drops.drops() if drop.phase is not VisitPhase.OVER]


async def _hero(mall: Mall, drop: ListedDrop) -> Hero:
    """Return the drop with the first picture of its products."""
    skus = [product.sku for product in drop.definition.products]
    items = await mall.catalog.items(skus)
    pictures = (items[sku].image for sku in skus if sku in items)
    return Hero(drop, next((picture for picture in pictures if picture), None))


async def _listing(
    request: Request, mall: Mall, wish: Wish, *, category: Category | None = None, words: str | None = None
) -> Response:
    page = await mall.catalog.listing(wish)
    shows(request.scope, availability_of=page.products)
    return mall.pages.render(
        request,
        "listing.html",
        page=page,
        category=category,
        wish=words or "",
        searched=words is not None,
        sort=wish.sort,
        sorts=list(Sort),
        page_links=_page_links(request, page),
    )


def _page_links(request: Request, page: Page) -> list[tuple[int | None, str]]:
    """Return numbers and addresses of the first, the last and the nearest pages; None is a gap."""
    near = {1, page.last, *range(page.number - 1, page.number + 2)}
    links: list[tuple[int | None, str]] = []
    before = 0
    for number in sorted(each for each in near if 1 <= each <= page.last):
        if number > before + 1:
            links.append((None, ""))
        kept = [(key, value) for key, value in request.query_params.multi_items() if key not in ("page", "lang")]
        links.append((number, "?" + urlencode([*kept, ("page", number)])))
        before = number
    return links


def _option_name(mall: Mall, request: Request, name: str) -> str:
    key = _OPTION_NAMES.get(name.lower())
    return mall.pages.text(request, f"mall.option.{key}") if key else name
