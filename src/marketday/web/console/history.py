"""The day's figures over time, kept in memory for the charts: every point of the last minutes, fewer of older times."""

from collections import deque
from collections.abc import Mapping

RECENT = 600  # newest points, all kept
COARSE = 2160  # older points
COARSE_SECONDS = 10.0  # the shortest time between two older points

Point = Mapping[str, float | None]


class History:
    """Points in time, each with a value or None for every series."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Point]] = deque()
        self._coarse: deque[tuple[float, Point]] = deque(maxlen=COARSE)

    def add(self, at: float, point: Point) -> None:
        """Keep `point`, the values by series at Unix time `at`."""
        self._recent.append((at, point))
        if len(self._recent) > RECENT:
            oldest = self._recent.popleft()
            if not self._coarse or oldest[0] - self._coarse[-1][0] >= COARSE_SECONDS:
                self._coarse.append(oldest)

    def clear(self) -> None:
        """Forget everything, because another drop is shown."""
        self._recent.clear()
        self._coarse.clear()

    def columns(self) -> dict[str, list[float | None]]:
        """Return one list for each series and one for `at`, all of the same length, oldest first."""
        points = [*self._coarse, *self._recent]
        names = sorted({name for _, point in points for name in point})
        columns: dict[str, list[float | None]] = {"at": [at for at, _ in points]}
        return columns | {name: [point.get(name) for _, point in points] for name in names}
