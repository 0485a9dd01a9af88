"""When a waiting browser looks again: one rule for the page, with and without script, and for the crowd.

A third of the remaining time, made up to a quarter longer or shorter so that browsers do not all ask at once, and
never more often than the edge fetches the document. `web/gate/static/view.js` is the same in a
browser. Pure.
"""

from dataclasses import dataclass

SOONEST_SECONDS = 1.0  # the edge keeps the document for a second: looking more often shows nothing new
LATEST_SECONDS = 10.0
OLDEST_SECONDS = 2.0  # the edge may show the document a second longer while it fetches the next
SLOWEST_RATE = 1.0  # people a second that are expected while nobody was called lately, such as in an idle room


@dataclass(frozen=True, slots=True)
class Sight:
    """What a waiting person sees.

    `begins_in` are the seconds until the room or the sale opens, where that comes next; `ahead` counts the people
    before this one, where there is a position; each is None where there is none. Times may be past.
    """

    begins_in: float | None
    ahead: int | None
    rate_per_second: float
    closes_in: float


def seconds_away(sight: Sight) -> float:
    """Return in how many seconds something changes for this person; infinite: nothing will."""
    if sight.begins_in is not None:
        return sight.begins_in
    if sight.ahead is None:
        return float("inf")
    return sight.ahead / (sight.rate_per_second if sight.rate_per_second > 0 else SLOWEST_RATE)


def look_again_seconds(sight: Sight, luck: float) -> float:
    """Return the seconds until the next look; `luck` in [0, 1) spreads it.

    A look that would come after closing is moved to within three seconds after it.
    """
    calm = min(max(seconds_away(sight) / 3, SOONEST_SECONDS), LATEST_SECONDS)
    seconds = max(calm * (0.75 + luck / 2), SOONEST_SECONDS * (1 + luck / 4))
    if sight.closes_in <= -OLDEST_SECONDS:
        return seconds
    return min(seconds, sight.closes_in + OLDEST_SECONDS + 0.5 + 3 * luck)
