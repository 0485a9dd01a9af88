"""Pauses of people, and the published draw, as pure functions."""

from dataclasses import dataclass

from marketday.crowd.errors import CrowdError


@dataclass(frozen=True, slots=True)
class PublishedDraw:
    """The published draw: the seed (32 bytes) and the number of people in it."""

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


def pause_seconds(seconds: float, luck: float) -> float:
    """Return `seconds`, up to a quarter more or less by `luck` in [0, 1), so that people do not act all at once."""
    return seconds * (0.75 + luck / 2)


def retry_seconds(attempt: int, retry_after: float | None, luck: float) -> float:
    """Return how long to wait after attempt `attempt` (counted from 0) of a request to a busy server.

    It doubles from a quarter of a second up to 4 s, is never less than `retry_after`, and `luck` in [0, 1) adds up to
    a half.
    """
    backoff = min(0.25 * 2.0**attempt, 4.0)
    return max(backoff, min(retry_after or 0.0, 10.0)) * (1 + luck / 2)
