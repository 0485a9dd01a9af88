"""When a waiting browser looks again, which means: fetches the room's public document again.

One rule for the page, with and without script, and for the crowd; `web/gate/static/view.js` has it for browsers. Pure.

After the opening a browser looks again after a third of the time until its turn, but at least one second and at most
thirty, and up to a quarter sooner or later, so that not all browsers ask at once. This is less than half of the time,
so a turn is noticed even if people are called twice as fast as before. While nobody was called lately, nobody knows how
far away a turn is: then at most ten seconds, or longer for those whose turn cannot come in thirty seconds even if 100
people are called in each.

Before the opening nothing changes, so everybody looks about each half a minute, however near it is. At the opening
everybody wants to see the draw, and at the closing that it is over. A look that would come shortly before is made after
it instead, spread over so many seconds that about 1,000 browsers ask in each, but over thirty at most. Positions are
drawn, so to be early gains nothing. Where more than 30,000 wait, thirty seconds become more, up to sixty.

A wait is never shorter than a second, because the edge does not fetch the document more often; only shortly after the
closing it may be half of that.
"""

from dataclasses import dataclass

SOONEST_SECONDS = 1.0  # the edge keeps the document for a second: looking more often shows nothing new
LATEST_SECONDS = 30.0
LATEST_IN_A_CROWD_SECONDS = 60.0
LATEST_UNSURE_SECONDS = 10.0  # while nobody was called lately
OLDEST_SECONDS = 2.0  # the edge may show the document a second longer while it fetches the next
SLOWEST_RATE = 1.0  # people a second that are expected while nobody was called lately, such as in an idle room
FASTEST_RATE = 100.0  # people a second that are expected at most
LOOKS_PER_SECOND = 1000.0  # of all who wait; an edge answers many times as many
LONGEST_SPREAD_SECONDS = 30.0
CLOSING_SPREAD_SECONDS = 3.0  # at the closing looks are spread over at least so many seconds


@dataclass(frozen=True, slots=True)
class Sight:
    """What a waiting person sees.

    `begins_in` is the seconds until the room or the sale opens; None if neither will open any more. `ahead` is the
    number of people before this one; None if this person has no position. Moments in the past are negative. `waiting`
    is the number of all people in the room who have not been called.
    """

    begins_in: float | None
    ahead: int | None
    rate_per_second: float
    closes_in: float
    waiting: int = 0


def look_again_seconds(sight: Sight, luck: float) -> float:
    """Return the seconds until the next look; `luck`, a random number in [0, 1), spreads the looks of many browsers.

    A look that would come later is moved to 2.5 seconds after closing or some seconds more, by `luck`: by then the edge
    shows that the drop is closed.
    """
    seconds = _seconds_while_open(sight, luck)
    if sight.closes_in <= -OLDEST_SECONDS:
        return seconds
    spread = max(spread_seconds(sight.waiting), CLOSING_SPREAD_SECONDS)
    return min(seconds, sight.closes_in + OLDEST_SECONDS + 0.5 + spread * luck)


def spread_seconds(waiting: int) -> float:
    """Return over how many seconds the looks of `waiting` browsers are spread at the opening and at the closing."""
    return min(max(waiting / LOOKS_PER_SECOND, SOONEST_SECONDS / 4), LONGEST_SPREAD_SECONDS)


def _seconds_while_open(sight: Sight, luck: float) -> float:
    """Return the seconds until the next look without regard to the closing."""
    latest = min(max(sight.waiting / LOOKS_PER_SECOND, LATEST_SECONDS), LATEST_IN_A_CROWD_SECONDS)
    if sight.begins_in is not None:
        if sight.begins_in > _spread_out(latest, 1):
            return _spread_out(latest, luck)
        return max(sight.begins_in, 0) + SOONEST_SECONDS + spread_seconds(sight.waiting) * luck
    if sight.ahead is None:
        return _spread_out(latest, luck)
    if sight.rate_per_second > 0:
        calm = sight.ahead / sight.rate_per_second / 3
    else:
        calm = min(sight.ahead / SLOWEST_RATE / 3, max(LATEST_UNSURE_SECONDS, sight.ahead / FASTEST_RATE / 3))
    return max(_spread_out(min(calm, latest), luck), SOONEST_SECONDS * (1 + luck / 4))


def _spread_out(seconds: float, luck: float) -> float:
    return seconds * (0.75 + luck / 2)
