"""The requests of the documented API that the benchmarks send."""

from bench.load.plan import Step
from marketday.testing.drops import SKU

_IDENTITY = {"Authorization": "Bearer {token}"}
_KEY = {"Idempotency-Key": "{person}"}
WISH = {"sku": SKU, "quantity": 1}


def now(slug: str) -> Step:
    """Look at the waiting room."""
    return Step("now", "GET", f"/v1/drops/{slug}/now")


def join(slug: str) -> Step:
    """Take a place; only a new one is right."""
    return Step("join", "POST", f"/v1/drops/{slug}/entries", _IDENTITY, expects=(201,))


def admission(slug: str) -> Step:
    """Exchange the place for an admission; only the first exchange is right."""
    keeps = {"admission": "admission"}
    return Step("admission", "POST", f"/v1/drops/{slug}/admissions", _IDENTITY, keeps=keeps, expects=(201,))


def reserve(slug: str) -> Step:
    """Reserve one unit."""
    headers = {**_IDENTITY, **_KEY, "Marketday-Admission": "{admission}"}
    path = f"/v1/drops/{slug}/reservations"
    return Step("reserve", "POST", path, headers, WISH, keeps={"reservation": "id"}, expects=(201,))


def pay() -> Step:
    """Pay for the reservation."""
    path, body = "/v1/reservations/{reservation}/payment", {"method": "card_ok"}
    return Step("pay", "POST", path, {**_IDENTITY, **_KEY}, body, keeps={"order": "order.id"}, expects=(201,))


def order() -> Step:
    """Look at the order."""
    return Step("order", "GET", "/v1/orders/{order}", _IDENTITY)


def purchase(slug: str) -> tuple[Step, ...]:
    """Return the whole way."""
    return join(slug), now(slug), admission(slug), reserve(slug), pay(), order()
