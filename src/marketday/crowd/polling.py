"""How long people pause, and what the published draw says, as pure functions."""

from dataclasses import dataclass

from marketday.crowd.errors import CrowdError


@dataclass(frozen=True, slots=True)
class Draw:
    """What the published draw says: the seed (32 bytes) and how many took part."""

    seed: bytes
    cohort: int


def parse_draw(seed: str | None, cohort: int | None) -> Draw | None:
    """Return the draw that the `now` document publishes, None before the opening.

    Raises:
        CrowdError: the seed is not hexadecimal.

    """
    if seed is None or cohort is None:
        return None
    try:
        return Draw(bytes.fromhex(seed), cohort)
    except ValueError:
        raise CrowdError(f"seed {seed[:80]!r} is no hexadecimal number") from None


def pause_seconds(seconds: float, luck: float) -> float:
    """Return about `seconds`, spread by a quarter to either side by `luck` in [0, 1): people do not act in step."""
    return seconds * (0.75 + luck / 2)


def retry_seconds(attempt: int, retry_after: float | None, luck: float) -> float:
    """Return how long to wait before attempt `attempt` + 1 (counted from 0) of a request that met a busy server.

    Doubles from a quarter of a second up to 4 s, never less than `retry_after`, and up to half as long
    again by `luck` in [0, 1).
    """
    backoff = min(0.25 * 2.0**attempt, 4.0)
    return max(backoff, min(retry_after or 0.0, 10.0)) * (1 + luck / 2)
