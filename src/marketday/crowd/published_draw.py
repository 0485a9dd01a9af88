"""The published draw, as the `now` document has it."""

from dataclasses import dataclass

from marketday.crowd.errors import CrowdError
from marketday.waitingroom.draw import permutation


@dataclass(frozen=True, slots=True)
class PublishedDraw:
    """The seed (32 bytes) and the number of people in it."""

    seed: bytes
    cohort: int

    def position_of(self, index: int) -> int:
        """Return the position of the entry with `index`: drawn for those who came before, otherwise the index."""
        return permutation(self.seed, index, self.cohort) if index < self.cohort else index


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
