"""The names of the scenarios, which the command needs before it loads them."""

from enum import StrEnum


class ScenarioName(StrEnum):
    """A scenario of a game day."""

    ZONE = "zone"
    GATEWAY = "gateway"
