"""The purpose of payments, for tests in which the person who pays does not matter."""

from uuid import UUID

from marketday.payments.ports import Purpose, goods_of

CUSTOMER = UUID("018f0000-0000-7000-8000-000000000001")
SUBJECT = UUID("018f0000-0000-7000-8000-000000000002")


def paying_for(group: str) -> Purpose:
    """Return the purpose of a payment for `group`, always by the same customer for the same subject."""
    return Purpose(group, CUSTOMER, SUBJECT, goods_of([("DAWN-SERUM-30", 1)]))
