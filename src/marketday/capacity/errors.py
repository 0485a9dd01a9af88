"""What can be wrong with a forecast, a price table or a plan."""

from marketday.kit.errors import Kind, MarketdayError


class CapacityError(MarketdayError):
    """The capacity of this drop cannot be worked out."""

    kind = Kind.INVALID
    slug = "capacity-error"


class InvalidForecast(CapacityError):
    """This forecast cannot be."""

    slug = "invalid-forecast"


class DropTooLarge(CapacityError):
    """No environment that is known is large enough for this drop."""

    slug = "drop-too-large"


class InvalidPriceTable(CapacityError):
    """This is not a table of prices."""

    slug = "invalid-price-table"


class MissingPrice(CapacityError):
    """The table has no price for something that costs."""

    slug = "missing-price"


class UnreadablePlan(CapacityError):
    """This is not a Terraform plan in JSON, or not one of a stack of ours."""

    slug = "unreadable-plan"


class UnreadableRun(CapacityError):
    """This is not the record of a run."""

    slug = "unreadable-run"
