"""Which place at the edge an environment gets: all share one host name, and tomorrow's is built beside today's."""

from collections.abc import Collection
from dataclasses import dataclass

from marketday.environments.model import Environment
from marketday.provisioners.terraform.errors import HostTaken, InvalidFacts

PLACES = 4  # as many as the edge's function looks at


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another living environment, and the place that it was given; None if it has not been built yet."""

    environment: Environment
    place: int | None


def choose_place(environment: Environment, hostname: str, neighbours: Collection[Neighbour]) -> int:
    """Return the first place that is not taken, and not kept for an environment requested earlier and not built yet.

    Two processes that ask at the same time get the same answer.

    Raises:
        HostTaken: an environment that is built, or was requested earlier, serves the host at the same time.
        InvalidFacts: no place is left; the others may be kept, not taken.

    """
    others = [each for each in neighbours if each.place is not None or _before(each.environment, environment)]
    for each in others:
        if overlap(each.environment, environment):
            raise HostTaken(
                f"{hostname} serves drop {each.environment.drop_slug!r} of environment {each.environment.id} "
                f"{_window(each.environment)}; expected another time than {_window(environment)}"
            )
    taken = {each.place for each in others}
    # Environments that are due and not built yet get their places first, in the order of their requests.
    waiting = sum(
        each.place is None and each.environment.schedule.build_at <= environment.schedule.build_at for each in others
    )
    free = [place for place in range(PLACES) if place not in taken]
    if waiting >= len(free):
        raise InvalidFacts(f"{hostname}: its {PLACES} places at the edge are taken; expected a free one")
    return free[waiting]


def _before(one: Environment, other: Environment) -> bool:
    return one.id < other.id


def overlap(one: Environment, other: Environment) -> bool:
    """Whether two drops are open at the same time. The hour after closing does not count: the edge serves the later."""
    mine, theirs = one.schedule, other.schedule
    another = one.drop_slug != other.drop_slug  # the same drop: a person asks for the plan of one that exists already
    return another and mine.room_opens_at < theirs.closes_at and theirs.room_opens_at < mine.closes_at


def _window(environment: Environment) -> str:
    local, schedule = environment.definition.local, environment.schedule
    return f"from {local(schedule.room_opens_at)} to {local(schedule.closes_at)}"
