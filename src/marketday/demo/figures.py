"""The demo's live figures, from the waiting room's public document and the crowd's journals."""

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from marketday.crowd.report.figures import quantile

_SHOWN: tuple[str, ...] = ("phase", "waiting", "inside", "serving_number", "left")
_RECENT = 200  # the number of mall answers for the p95
_ORDER = b'"action":"order","status":200'


class JournalTail:
    """Reads the new lines of the crowd's journals."""

    def __init__(self) -> None:
        """Start at the first line."""
        self._read: dict[Path, int] = {}
        self._mall = deque[float](maxlen=_RECENT)
        self.answers = 0
        self.orders = 0

    @property
    def mall_p95_ms(self) -> float:
        """The p95 of the mall's latest answers to ordinary shoppers, in milliseconds."""
        return quantile(sorted(self._mall), 0.95) * 1000

    def follow(self, shoppers: Path, journals: list[Path]) -> None:
        """Read the new complete lines; `shoppers` is the journal of the mall's ordinary visitors."""
        for path in journals:
            lines = self._new_lines(path)
            self.answers += len(lines)
            self.orders += sum(1 for line in lines if _ORDER in line)
            if path == shoppers:
                self._mall.extend(json.loads(line)["seconds"] for line in lines)

    def _new_lines(self, path: Path) -> list[bytes]:
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read[path] = self._read.get(path, 0) + len(whole)
        return whole.splitlines()


def live_figures(now: Mapping[str, object], tail: JournalTail) -> dict[str, str]:
    """Return the figures to show, by name."""
    figures: dict[str, str] = {name: str(now[name]) for name in _SHOWN if name in now}
    figures["orders"] = str(tail.orders)
    figures["mall_p95"] = f"{tail.mall_p95_ms:.0f} ms"
    figures["answers"] = f"{tail.answers:,}"
    return figures
