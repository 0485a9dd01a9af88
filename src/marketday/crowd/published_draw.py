"""The published draw, as the `now` document has it."""

from dataclasses import dataclass

from marketday.crowd.errors import CrowdError


@dataclass(frozen=True, slots=True)
class PublishedDraw:
    """The seed (32 bytes) and the number of people in it."""

    seed: bytes
    cohort: int


def parse_draw(seed: str | None, cohort: int | None) -> PublishedDraw | None:
    """Return the draw in the `now` document, None before the opening.

    Raises:
        CrowdError: the seed is not hexadecimal.

    """
    if seed is None or cohort is None:
        return None
    try:
        return PublishedDraw(bytes.fromhex(seed), cohort)
    except ValueError:
        raise CrowdError(f"seed {seed[:80]!r} is not a hexadecimal number") from None
