"""The services that the mall's routes use; the composition root sets them before the first request."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from marketday.accounts.identities import SignedIdentities
from marketday.accounts.service import Accounts
from marketday.accounts.tokens import SigningKey
from marketday.catalog.editing import CatalogEditor
from marketday.catalog.service import CatalogService
from marketday.kit.clock import Clock
from marketday.orders.carts import Carts
from marketday.orders.service import OrderService
from marketday.web.mall.category_menu import CategoryMenu
from marketday.web.mall.drops import DropBoard
from marketday.web.mall.idempotency import Idempotency
from marketday.web.pages import Pages
from marketday.web.sessions import SignInCookies


@dataclass(frozen=True, slots=True)
class Mall:
    """The services behind the mall's pages and API."""

    accounts: Accounts
    carts: Carts
    orders: OrderService
    catalog: CatalogService
    editor: CatalogEditor
    drops: DropBoard
    idempotency: Idempotency
    signing_key: SigningKey
    identities: SignedIdentities
    public_url: str
    pages: Pages  # made with menu=menu, because every page shows it
    menu: CategoryMenu
    clock: Clock

    @property
    def secure(self) -> bool:
        """Whether cookies are sent only over HTTPS."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def cookies(self) -> SignInCookies:
        """The cookies of people who are signed in."""
        return SignInCookies(self.secure)


async def mall_of(request: Request) -> Mall:
    """Return the services of the application that answers `request`."""
    mall: Mall = request.app.state.mall
    return mall


MallServices = Annotated[Mall, Depends(mall_of)]


async def fresh_menu(mall: MallServices) -> None:
    """Refresh the header's categories if they are old; a dependency of every router of pages."""
    await mall.menu.refresh()
