"""Errors of the catalogue."""

from marketday.kit.errors import Kind, Permanent, Temporary


class CatalogError(Permanent):
    """The catalogue cannot do that."""

    kind = Kind.INVALID
    slug = "catalog-error"


class NotACatalogue(CatalogError):
    """The file is not a product export.

    It is not UTF-8, not CSV, empty, or lacks a required column, so no row can be read.
    """

    slug = "not-a-catalogue"


class UnknownProduct(CatalogError):
    """There is no such product."""

    kind = Kind.NOT_FOUND
    slug = "unknown-product"


class UnknownVariant(CatalogError):
    """There is no such variant."""

    kind = Kind.NOT_FOUND
    slug = "unknown-variant"


class UnknownCategory(CatalogError):
    """There is no such category."""

    kind = Kind.NOT_FOUND
    slug = "unknown-category"


class HandleTaken(CatalogError):
    """Another product has this handle."""

    kind = Kind.CONFLICT
    slug = "handle-taken"


class SkuTaken(CatalogError):
    """Another product has this SKU."""

    kind = Kind.CONFLICT
    slug = "sku-taken"


class InvalidProduct(CatalogError):
    """The product is not valid."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-product"


class CatalogUnavailable(Temporary):
    """The catalogue cannot be read right now."""

    kind = Kind.UNAVAILABLE
    slug = "catalogue-unavailable"
