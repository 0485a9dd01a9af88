"""Reads an offer file of the AWS Price List, and compares a price table with it.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html describes
the file. Of it these fields are read: `offerCode`, `publicationDate`; of each product its `sku` and all `attributes`
(`usagetype` and, where a usage type has several products, those that the table names in `where`); of `terms.OnDemand`
for each SKU each price dimension's `beginRange` and `pricePerUnit`. Only the first tier of a price is compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketday.capacity.cost.model import Listed, Price, PriceTable
from marketday.capacity.errors import UnreadableOffer
from marketday.kit.reading import UnreadableFile, read_json

LARGEST_OFFER = 1024 * 1024 * 1024  # bytes; that of EC2 in one region has a few hundred megabytes
CURRENCY = "USD"
SAME_WITHIN = 0.005  # of a price: a table rounds


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list of one service: its products by usage type, and the terms of each SKU."""

    code: str
    published: str
    products: Mapping[str, Sequence[Mapping[str, str]]]
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One price beside the list: `listed_usd` is for the same units, and None if `problem` says why there is none."""

    key: str
    price: Price
    listed_usd: float | None
    problem: str = ""

    @property
    def same(self) -> bool:
        """Whether the table says what the list says."""
        return self.listed_usd is not None and abs(self.listed_usd - self.price.usd) <= SAME_WITHIN * self.price.usd


def read_offer(path: Path) -> PriceList:
    """Return the offer in the JSON file `path`.

    Raises:
        UnreadableOffer: it cannot be read, or is not an offer file.

    """
    try:
        content = read_json(
            path, expected="a price list of AWS, such as .../AmazonRDS/current/REGION/index.json", largest=LARGEST_OFFER
        )
    except UnreadableFile as error:
        raise UnreadableOffer(error.detail) from None
    try:
        return _offer(content)
    except (AttributeError, KeyError, TypeError) as error:
        raise UnreadableOffer(
            f"{path}: {type(error).__name__} {error}; expected offerCode, publicationDate, products and terms.OnDemand"
        ) from None


def compare(table: PriceTable, offer: PriceList) -> list[Compared]:
    """Compare those prices of the table that the offer's service lists, in the table's order."""
    return [
        _compared(key, price, listed, offer)
        for key, price in table.prices.items()
        if (listed := price.listed) is not None and listed.offer == offer.code
    ]


def _offer(content: Mapping[str, Any]) -> PriceList:
    products: dict[str, list[Mapping[str, str]]] = {}
    for sku, product in content["products"].items():
        attributes = product["attributes"]
        products.setdefault(attributes.get("usagetype", ""), []).append({**attributes, "sku": sku})
    return PriceList(content["offerCode"], content["publicationDate"][:10], products, content["terms"]["OnDemand"])


def _compared(key: str, price: Price, listed: Listed, offer: PriceList) -> Compared:
    found = [
        product
        for product in offer.products.get(listed.usage, ())
        if all(product.get(name) == value for name, value in listed.where.items())
    ]
    skus = [product["sku"] for product in found]
    named = f"the list of {offer.code} of {offer.published}"
    if not found:
        asked = "".join(f", {name} {value}" for name, value in listed.where.items())
        return Compared(key, price, None, f"{named} has no SKU with the usage type {listed.usage}{asked}")
    amounts: dict[str, float] = {}
    for sku in skus:
        currencies = [dimension["pricePerUnit"] for dimension in _first_tiers(offer.terms.get(sku, {}))]
        if not currencies:
            return Compared(key, price, None, f"{named} has no on-demand price for its SKU {sku}")
        if CURRENCY not in currencies[0]:
            other = ", ".join(sorted(currencies[0])) or "nothing"
            return Compared(key, price, None, f"{named} has its SKU {sku} in {other}; expected {CURRENCY}")
        amounts[sku] = float(currencies[0][CURRENCY]) * price.units
    if len(set(amounts.values())) > 1:
        told = ", ".join(f"{sku}: {usd:g}" for sku, usd in sorted(amounts.items()))
        return Compared(key, price, None, f"{named} has several SKUs with {listed.usage} ({told}); name one by `where`")
    return Compared(key, price, next(iter(amounts.values())))


def _first_tiers(terms: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            if dimension.get("beginRange", "0") == "0":
                yield dimension
