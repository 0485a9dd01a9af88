"""Prepare a demo's day: products and people for the mall, and a drop."""

import secrets
from dataclasses import dataclass

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.service import Accounts
from marketday.catalog.editing import CatalogEditor
from marketday.catalog.pictures import bring_pictures
from marketday.catalog.service import CatalogService
from marketday.demo.home import DemoError
from marketday.demo.opened import OpenedMall
from marketday.drops.definition import DropDefinition
from marketday.kit.clock import Clock
from marketday.kit.files import examples_folder
from marketday.kit.ids import new_id
from marketday.provisioners.local.mall_plane import MallPlane

DROP_FILE = "dawn-serum.toml"
INTRUDERS = 6
SHOPPERS = 40
VIEWER = "viewer@demo.example"


@dataclass(frozen=True, slots=True, repr=False)
class DemoPeople:
    """All people of the demo: account ids and session cookies. These are secrets and never logged."""

    buyers: tuple[tuple[str, str], ...]
    intruders: tuple[tuple[str, str], ...]
    shopper_sessions: tuple[str, ...]


async def stock_shelves(mall: OpenedMall, plane: MallPlane) -> int:
    """Import the example catalogue with its pictures; return the number of products in the mall.

    Raises:
        DemoError: a row of the example is bad.

    """
    examples = examples_folder()
    bring_pictures(examples / "media", plane.media_folder)
    catalog = CatalogService(mall.products, new_id)
    report = await catalog.import_file((examples / "catalog.csv").read_bytes())
    if report.bad_rows or not report.stored:
        raise DemoError(f"{examples / 'catalog.csv'}: {len(report.bad_rows)} bad rows; expected none")
    return report.created + report.updated + report.unchanged


async def make_viewer(mall: OpenedMall, clock: Clock) -> tuple[str, str]:
    """Create the account for the demo's console; return its address and its new password."""
    passwords, password = Passwords(), secrets.token_urlsafe(12)
    try:
        desk = Accounts(mall.accounts, passwords, None, clock)
        return (await desk.sign_up(new_id(), VIEWER, password, "Viewer", Role.VIEWER)).email, password
    finally:
        passwords.close()


async def order_goods(mall: OpenedMall, definition: DropDefinition) -> None:
    """Make sure that the mall has the units that it will lend to the drop: add missing units to its stock."""
    for wanted in definition.products:
        product = await mall.products.product_of(wanted.sku)
        for variant in product.variants if product else ():
            if variant.sku == wanted.sku and (variant.left or 0) < wanted.stock and not variant.unlimited:
                await CatalogEditor(mall.products, new_id).set_stock(wanted.sku, variant.units + wanted.stock)


async def invite(mall: OpenedMall, count: int, clock: Clock) -> DemoPeople:
    """Create accounts, already signed in, for `count` buyers and for all others."""
    seeded = await mall.seed_people(count + INTRUDERS + SHOPPERS, clock.now())
    people = [(str(account), session) for account, session in seeded]
    return DemoPeople(
        buyers=tuple(people[:count]),
        intruders=tuple(people[count : count + INTRUDERS]),
        shopper_sessions=tuple(session for _, session in people[count + INTRUDERS :]),
    )
