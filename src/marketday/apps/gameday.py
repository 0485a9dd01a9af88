"""Opens everything that a game day needs; `marketday gameday` uses it."""

from functools import partial

from marketday.apps.demo import open_mall
from marketday.gameday.day import play

play_gameday = partial(play, open_mall)
"""Play a game day in a mall that it opens as a demo does."""
