"""A drop's definition with which a test can start."""

from marketday.drops.definition import DropDefinition, parse

DAWN_SERUM = """
[drop]
slug = "dawn-serum"
name = { ko = "새벽 세럼", en = "Dawn Serum" }
zone = "Asia/Seoul"
opens_at = 2026-12-10T20:00:00
closes_at = 2026-12-10T21:00:00
regions = ["ap-northeast-2"]
hold_seconds = 300

[[drop.products]]
sku = "DAWN-SERUM-30"
stock = 400
limit_per_person = 2

[drop.rate_limits]
admissions_per_second = 20
inside = 120
requests_per_second = 20
"""


def dawn_serum() -> DropDefinition:
    """Return the drop of 10 December 2026, 20:00 to 21:00 in Seoul: 400 units, two a person."""
    return parse(DAWN_SERUM)
