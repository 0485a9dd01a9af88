"""The chart of a game day: answers in each second, stacked by kind, with the fault and each step marked. SVG text."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from marketday.crowd.report.charts import ticks
from marketday.gameday.seconds import KINDS, Second

LEFT, RIGHT, TOP, BOTTOM = 36, 16, 26, 22
_NEAR = 13.0  # marks that are nearer than this share one row of numbers less: the next row is used
_ROWS = 2


@dataclass(frozen=True, slots=True)
class NumberedMark:
    """A numbered moment; `kind` sets its colour."""

    at: float
    number: int
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a chart in units, which are about one CSS pixel where it is shown."""

    width: int
    height: int


WIDE, NARROW = Size(1120, 260), Size(352, 230)


def stacked(
    label: str, seconds: Sequence[Second], fault: tuple[float, float] | None, marks: Sequence[NumberedMark], size: Size
) -> Markup | None:
    """Return the chart, None if there is no answer. All times are in seconds since the page's zero."""
    if not seconds:
        return None
    frame = _Frame(seconds[0].at, seconds[-1].at + 1, max(each.all for each in seconds), size)
    parts = [*_shade(frame, fault), *_axes(frame), *_bars(frame, seconds), *_marks(frame, marks)]
    head = f'<svg viewBox="0 0 {size.width} {size.height}" role="img" aria-label="{Markup.escape(label)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704 (only numbers and escaped text)


@dataclass(frozen=True, slots=True)
class _Frame:
    first: float
    last: float
    most: int
    size: Size

    @property
    def ground(self) -> float:
        return self.size.height - BOTTOM

    @property
    def top(self) -> float:
        return float(ticks(0, self.most)[-1])

    def x(self, at: float) -> float:
        inner = self.size.width - LEFT - RIGHT
        at = min(max(at, self.first), self.last)
        return round(LEFT + (at - self.first) / (self.last - self.first) * inner, 1)

    def y(self, count: float) -> float:
        return round(self.ground - count / self.top * (self.ground - TOP), 1)


def _shade(frame: _Frame, fault: tuple[float, float] | None) -> list[str]:
    if fault is None:
        return []
    begins, ends = map(frame.x, fault)
    width = max(ends - begins, 1.0)
    return [f'<rect class="fault" x="{begins}" y="{TOP}" width="{width:.1f}" height="{frame.ground - TOP:.1f}"/>']


def _axes(frame: _Frame) -> list[str]:
    parts = []
    for value in ticks(0, frame.most):
        y = frame.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{frame.size.width - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 5}" y="{y + 3.5}" text-anchor="end">{value:g}</text>')
    room = frame.size.width / 46  # as many texts as fit
    foot = frame.size.height - 6
    for value in _every(frame.first, frame.last, room):
        x = frame.x(value)
        parts += [f'<text class="tick" x="{x}" y="{foot}" text-anchor="middle">{value:g}s</text>']
    return parts


def _every(first: float, last: float, most: float) -> list[float]:
    step = next(size for size in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600) if (last - first) / size <= most)
    start = -(-first // step) * step
    return [start + number * step for number in range(int((last - start) // step) + 1)]


def _bars(frame: _Frame, seconds: Sequence[Second]) -> list[str]:
    parts = []
    for each in seconds:
        if not each.all:
            continue
        x, below = frame.x(each.at), 0
        width = max(frame.x(each.at + 1) - x - 0.6, 0.8)
        counts = [(kind, getattr(each, kind)) for kind in KINDS]
        told = ", ".join(f"{kind} {count}" for kind, count in counts if count)
        parts.append(f"<g><title>{each.at:+d} s: {told}</title>")
        for kind, count in counts:
            if count:
                y = frame.y(below + count)
                parts.append(
                    f'<rect class="k-{kind}" x="{x}" y="{y}" width="{width:.1f}" height="{frame.y(below) - y:.1f}"/>'
                )
                below += count
        parts.append("</g>")
    return parts


def _marks(frame: _Frame, marks: Sequence[NumberedMark]) -> list[str]:
    parts: list[str] = []
    ends = [float("-inf")] * _ROWS  # where the last number of each row stands
    for mark in marks:
        x = frame.x(mark.at)
        row = next((row for row in range(_ROWS) if x - ends[row] >= _NEAR), _ROWS - 1)
        ends[row] = x
        y = TOP - 3 - 11 * row
        parts.append(f'<line class="mark {mark.kind}" x1="{x}" x2="{x}" y1="{y}" y2="{frame.ground}"/>')
        parts.append(
            f'<text class="number {mark.kind}" x="{x}" y="{y}" text-anchor="middle">{mark.number}'
            f"<title>{Markup.escape(mark.label)}</title></text>"
        )
    return parts
