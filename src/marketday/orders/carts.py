"""The cart of a person who is signed in."""

from uuid import UUID

from marketday.catalog.names import Unusable, sku_of
from marketday.kit.clock import Clock
from marketday.orders.errors import UnknownItem
from marketday.orders.model import Cart, merged, with_line, with_more
from marketday.orders.ports import CartStore


class Carts:
    """Changes carts; repeating a call has no effect, except for `add`."""

    def __init__(self, store: CartStore, clock: Clock) -> None:
        """Use `store`."""
        self._store = store
        self._clock = clock

    async def cart(self, account_id: UUID) -> dict[str, int]:
        """Return quantities by SKU."""
        return await self._store.cart(account_id)

    async def put(self, account_id: UUID, sku: str, quantity: int) -> None:
        """Set the quantity of one item.

        Raises:
            UnknownItem, InvalidQuantity, FullCart, MixedCurrencies: nothing has changed.

        """
        sku = known_form(sku)
        cart = with_line(await self._store.cart(account_id), sku, quantity)
        await self._store.put(account_id, sku, cart[sku], self._clock.now())

    async def add(self, account_id: UUID, sku: str, quantity: int) -> None:
        """Add to the quantity of one item, up to the largest quantity; raises like `put`."""
        sku = known_form(sku)
        cart = with_more(await self._store.cart(account_id), sku, quantity)
        await self._store.put(account_id, sku, cart[sku], self._clock.now())

    async def remove(self, account_id: UUID, sku: str) -> None:
        """Remove one item."""
        await self._store.remove(account_id, known_form(sku))

    async def merge(self, account_id: UUID, guest: Cart) -> None:
        """Merge the cart that the person filled before signing in."""
        if guest:
            own = await self._store.cart(account_id)
            await self._store.replace(account_id, merged(own, guest), self._clock.now())


def known_form(sku: str) -> str:
    """Return `sku` as the catalogue writes it; raises UnknownItem if it cannot be a SKU."""
    try:
        return sku_of(sku)
    except Unusable:
        raise UnknownItem(f"{sku[:80]!r} is not an item; expected a SKU of the catalogue") from None
