"""Errors of game days."""

from marketday.kit.errors import Kind, Permanent


class GameDayError(Permanent):
    """The game day cannot be played."""

    kind = Kind.CONFLICT
    slug = "game-day-error"
