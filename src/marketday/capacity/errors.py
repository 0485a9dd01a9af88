"""Errors of forecasts, price tables and plans."""

from marketday.kit.errors import Kind, Permanent


class CapacityError(Permanent):
    """The capacity of this drop cannot be computed."""

    kind = Kind.INVALID
    slug = "capacity-error"


class InvalidForecast(CapacityError):
    """The forecast is not valid."""

    slug = "invalid-forecast"


class DropTooLarge(CapacityError):
    """The largest known environment is too small for this drop."""

    slug = "drop-too-large"


class InvalidPriceTable(CapacityError):
    """The price table is not valid."""

    slug = "invalid-price-table"


class MissingPrice(CapacityError):
    """The price table has no price for a charge."""

    slug = "missing-price"


class UnreadablePlan(CapacityError):
    """This is not a Terraform plan in JSON of one of our stacks."""

    slug = "unreadable-plan"


class UnreadableRun(CapacityError):
    """This is not a record of a run."""

    slug = "unreadable-run"


class UnreadableOffer(CapacityError):
    """This is not an offer file of AWS's price list."""

    slug = "unreadable-offer"
