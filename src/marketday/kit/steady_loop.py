"""An event loop that does not count the time in which its process could not run.

After a process was stopped, or got no processor, all its limits would have passed, although the answers have arrived.
So a round of the loop in which the process did not run does not count: every limit and pause of this loop measures only
time in which answers could be read.
"""

import asyncio
import selectors
import time
from typing import Any

STOPPED_SECONDS = 0.5  # no callback of ours takes this long if the process has a processor


class _WatchedSelector(selectors.DefaultSelector):
    """Measures how much time was lost, in waits that took longer than asked and in callbacks that took too long."""

    def __init__(self) -> None:
        super().__init__()
        self.lost_seconds = 0.0
        self._ended = time.monotonic()

    def select(self, timeout: float | None = None) -> Any:
        """Wait for events, as the loop asks for it."""
        begun = time.monotonic()
        if begun - self._ended > STOPPED_SECONDS:
            self.lost_seconds += begun - self._ended
        events = super().select(timeout)
        self._ended = time.monotonic()
        if timeout is not None and self._ended - begun > max(timeout, 0) + STOPPED_SECONDS:
            self.lost_seconds += self._ended - begun
        return events


class SteadyLoop(asyncio.SelectorEventLoop):
    """The usual loop, with the time of `_WatchedSelector`."""

    def __init__(self) -> None:
        self._watched = _WatchedSelector()
        super().__init__(self._watched)

    def time(self) -> float:
        """Return the seconds of a monotonic clock, without the time in which the process did not run."""
        return super().time() - self._watched.lost_seconds
