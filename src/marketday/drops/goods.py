"""Check, before anything is built, whether the mall can lend what a drop needs. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from marketday.drops.definition import DropProduct
from marketday.drops.mistakes import Mistake, shown
from marketday.kit.money import LARGEST_MINOR


@dataclass(frozen=True, slots=True)
class Good:
    """An item of the mall, for a drop: `stock` is the units that the mall can sell, plus those that this drop has."""

    sku: str
    stock: int
    price_minor: int
    currency: str
    status: str  # status of its product; also `archived` if only the variant is archived
    unlimited: bool = False  # its units are not counted: any number can be lent
    lent: Mapping[str, int] = field(default_factory=dict)  # units that other drops have, by slug


def lacking(products: Sequence[DropProduct], goods: Mapping[str, Good]) -> list[Mistake]:
    """Return a mistake for each thing that the mall cannot lend; `goods` has the mall's items by SKU."""
    found = [mistake for index, product in enumerate(products) for mistake in _lacking(index, product, goods)]
    currencies = sorted({good.currency for good in goods.values()})
    if len(currencies) > 1:
        found.append(Mistake("drop.products", ", ".join(currencies), "items of one currency"))
    return found


def doubtful(products: Sequence[DropProduct], goods: Mapping[str, Good]) -> list[str]:
    """Return a warning for each thing that is allowed but unusual."""
    both = [product.sku for product in products if (good := goods.get(product.sku)) and good.status == "active"]
    if not both:
        return []
    way = 'give it the status "Only in drops" in the mall\'s admin, or import it with `Published` = false'
    on_sale = f"On sale in the mall at the same time, at the same price: {', '.join(both)}."
    return [f"{on_sale} To sell a product only in drops, {way}."]


def _lacking(index: int, product: DropProduct, goods: Mapping[str, Good]) -> Iterator[Mistake]:
    key, good = f"drop.products[{index}]", goods.get(product.sku)
    if good is None:
        yield Mistake(
            f"{key}.sku",
            shown(product.sku),
            "a SKU of the mall (`marketday catalog list --variants`)",
        )
        return
    if good.status in ("archived", "draft"):
        article = "an archived one" if good.status == "archived" else "a draft"
        yield Mistake(
            f"{key}.sku", shown(product.sku), f"a product on sale, in the mall or only in drops; this is {article}"
        )
    if good.stock < product.stock and not good.unlimited:
        lent = ", ".join(f"{units} are lent to {slug}" for slug, units in sorted(good.lent.items()))
        more = f" ({lent})" if lent else ""
        yield Mistake(
            f"{key}.stock", str(product.stock), f"at most the mall's stock of it, which is {good.stock}{more}"
        )
    if good.price_minor * product.limit_per_person > LARGEST_MINOR:
        most = LARGEST_MINOR // good.price_minor
        yield Mistake(f"{key}.limit_per_person", str(product.limit_per_person), f"at most {most}, because of its price")
