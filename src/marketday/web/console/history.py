"""The day's figures over time, kept in memory for the charts: fine for the last minutes, coarse before."""

from collections import deque
from collections.abc import Mapping

RECENT = 600  # points kept as they come
COARSE = 2160  # points kept of what is older
COARSE_SECONDS = 10.0  # and how far these stand apart at least

Point = Mapping[str, float | None]


class History:
    """Points in time, each with a value or None for each series."""

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
        """Forget everything: another drop is shown."""
        self._recent.clear()
        self._coarse.clear()

    def columns(self) -> dict[str, list[float | None]]:
        """Return one list for each series and `at`, all of the same length, in the order of time."""
        points = [*self._coarse, *self._recent]
        names = sorted({name for _, point in points for name in point})
        columns: dict[str, list[float | None]] = {"at": [at for at, _ in points]}
        return columns | {name: [point.get(name) for _, point in points] for name in names}
