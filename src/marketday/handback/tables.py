"""The tables that are handed back, and the tables for the records of other servers. Pure.

Names, columns and types are written only here: we never make SQL from the schema that the drop's database reports. A
test compares this file with `sql/drop`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_TIME = "timestamp with time zone"
_CURRENCY = "character(3)"


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table: its columns with their types, its key, and the condition for rows that belong to the drop `$1`."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    rows: str = "drop_slug = $1"


DROPS = {
    "slug": "text",
    "name_ko": "text",
    "name_en": "text",
    "room_opens_at": _TIME,
    "opens_at": _TIME,
    "closes_at": _TIME,
    "hold_seconds": "integer",
    "admission_seconds": "integer",
    "rates": "jsonb",
    "zone": "text",
}
ITEMS = {
    "drop_slug": "text",
    "sku": "text",
    "position": "integer",
    "title_ko": "text",
    "title_en": "text",
    "body_html": "text",
    "image": "text",
    "price_minor": "bigint",
    "currency": _CURRENCY,
    "limit_per_person": "integer",
}
STOCK = {"drop_slug": "text", "sku": "text", "total": "integer", "reserved": "integer", "sold": "integer"}
ALLOWANCES = {
    "drop_slug": "text",
    "sku": "text",
    "person_id": "uuid",
    "taken": "integer",
    "limit_per_person": "integer",
}
RESERVATIONS = {
    "id": "uuid",
    "drop_slug": "text",
    "sku": "text",
    "person_id": "uuid",
    "quantity": "integer",
    "unit_price_minor": "bigint",
    "currency": _CURRENCY,
    "state": "text",
    "reserved_until": _TIME,
    "idempotency_key": "text",
    "fingerprint": "bytea",
    "created_at": _TIME,
    "settled_at": _TIME,
}
ORDERS = {
    "id": "uuid",
    "drop_slug": "text",
    "person_id": "uuid",
    "reservation_id": "uuid",
    "state": "text",
    "currency": _CURRENCY,
    "total_minor": "bigint",
    "created_at": _TIME,
}
ORDER_LINES = {
    "order_id": "uuid",
    "line_number": "integer",
    "sku": "text",
    "title_ko": "text",
    "title_en": "text",
    "quantity": "integer",
    "unit_price_minor": "bigint",
}
PAYMENTS = {
    "id": "uuid",
    "drop_slug": "text",
    "reservation_id": "uuid",
    "person_id": "uuid",
    "order_id": "uuid",
    "state": "text",
    "amount_minor": "bigint",
    "currency": _CURRENCY,
    "reason": "text",
    "idempotency_key": "text",
    "fingerprint": "bytea",
    "created_at": _TIME,
    "updated_at": _TIME,
}
DRAWS = {"drop_slug": "text", "seed": "bytea", "commitment": "bytea", "cohort": "integer", "published_at": _TIME}
ENTRIES = {
    "drop_slug": "text",
    "person_id": "uuid",
    "index": "integer",
    "joined_at": _TIME,
    "admitted_at": _TIME,
}

# The tables that are handed back, as they are in the drop's database.
TABLES = (
    CopiedTable("drops", ("slug",), DROPS, "slug = $1"),
    CopiedTable("items", ("drop_slug", "sku"), ITEMS),
    CopiedTable("stock", ("drop_slug", "sku"), STOCK),
    CopiedTable("allowances", ("drop_slug", "sku", "person_id"), ALLOWANCES),
    CopiedTable("reservations", ("id",), RESERVATIONS),
    CopiedTable("orders", ("id",), ORDERS),
    CopiedTable(
        "order_lines",
        ("order_id", "line_number"),
        ORDER_LINES,
        "order_id IN (SELECT id FROM public.orders WHERE drop_slug = $1)",
    ),
    CopiedTable("payments", ("id",), PAYMENTS),
    CopiedTable("draws", ("drop_slug",), DRAWS),
    CopiedTable("entries", ("drop_slug", "index", "person_id"), ENTRIES),
)

# The drop's facts from the definition that the mall has on record: what shoppers were promised.
KNOWN_DROP = CopiedTable("known_drop", ("slug",), {**DROPS, "commitment": "text", "payment_holder": "text"})
# The items that the mall lent, as they were at that time. `shown` is the SHA-256 of description and picture.
KNOWN_ITEMS = CopiedTable(
    "known_items",
    ("sku",),
    {
        "sku": "text",
        "position": "integer",
        "title_ko": "text",
        "title_en": "text",
        "shown": "bytea",
        "price_minor": "bigint",
        "currency": "text",
        "limit_per_person": "integer",
        "quantity": "integer",
    },
)
# The buyers who have an account in the mall.
KNOWN_ACCOUNTS = CopiedTable("known_accounts", ("id",), {"id": "uuid"})
# The payments in the payment gateway's own books.
KNOWN_PAYMENTS = CopiedTable(
    "known_payments",
    ("id",),
    {
        "id": "uuid",
        "holder": "text",
        "state": "text",
        "amount_minor": "bigint",
        "currency": "text",
        "drop_slug": "text",
        "person_id": "uuid",
        "reservation_id": "uuid",
        "goods": "text",
        "created_at": _TIME,
        "updated_at": _TIME,
    },
)
# The draw and the entries on the waiting room's own server.
KNOWN_DRAW = CopiedTable("known_draw", ("drop_slug",), DRAWS)
KNOWN_ENTRIES = CopiedTable("known_entries", ("index", "person_id"), ENTRIES)

EVIDENCE = (KNOWN_DROP, KNOWN_ITEMS, KNOWN_ACCOUNTS, KNOWN_PAYMENTS, KNOWN_DRAW, KNOWN_ENTRIES)

PROMOTED = ("orders", "order_lines", "payments")  # tables of the mall that get rows
