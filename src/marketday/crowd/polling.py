"""How often a waiting person looks, and whose turn it is: what the waiting page does, as pure functions."""

from dataclasses import dataclass

from marketday.crowd.errors import CrowdError

SOONEST_SECONDS = 1.0  # `now` is cached for a second: to ask more often tells nothing
LATEST_SECONDS = 10.0
OLDEST_SECONDS = 2.0  # the edge may show the document a second longer while it fetches the next


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


def poll_seconds(seconds_away: float, luck: float) -> float:
    """Return how long to wait before looking again, when one's turn is `seconds_away`.

    A third of the way, so that one looks slower from far and faster from near, between 1 and 10 seconds;
    `luck` in [0, 1) spreads it by a quarter to either side, so that a crowd does not look in step.
    """
    calm = min(max(seconds_away / 3, SOONEST_SECONDS), LATEST_SECONDS)
    return calm * (0.75 + luck / 2)


def no_later_than_closing(wait_seconds: float, closes_in_seconds: float, luck: float) -> float:
    """Return a wait that does not sleep through the closing: it ends as soon as the document tells of it.

    `luck` in [0, 1) spreads those looks over three seconds.
    """
    if closes_in_seconds <= -OLDEST_SECONDS:
        return wait_seconds
    return min(wait_seconds, closes_in_seconds + OLDEST_SECONDS + 0.5 + 3 * luck)


def retry_seconds(attempt: int, retry_after: float | None, luck: float) -> float:
    """Return how long to wait before attempt `attempt` + 1 (counted from 0) of a request that met a busy server.

    Doubles from a quarter of a second up to 4 s, never less than `retry_after`, and up to half as long
    again by `luck` in [0, 1).
    """
    backoff = min(0.25 * 2.0**attempt, 4.0)
    return max(backoff, min(retry_after or 0.0, 10.0)) * (1 + luck / 2)
