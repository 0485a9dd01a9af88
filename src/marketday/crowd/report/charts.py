"""Draw charts as SVG text, because the report is one file without scripts and without a network.

Colours and fonts come from the page's style sheet, by class. One unit is about one CSS pixel on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from markupsafe import Markup

from marketday.crowd.report.figures import Series

WIDTH, HEIGHT = 380, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 14, 24
_TICKS = 4
_LEAST_SPAN = 1e-6  # a smaller difference counts as zero


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of a chart: its class, which sets the colour, and whether the area below it is filled."""

    style: str
    points: Series
    filled: bool = False
    stepped: bool = False


@dataclass(frozen=True, slots=True)
class UprightLine:
    """A moment that a thin vertical line marks."""

    at: float
    label: str


def ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers that span `low` to `high` (Heckbert, Graphics Gems, 1990, "Nice Numbers")."""
    span = high - low if high - low > _LEAST_SPAN else 1.0
    rough = span / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(nice * power for nice in (1.0, 2.0, 5.0, 10.0) if nice * power >= rough)
    first, last = floor(low / step), ceil(high / step)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Converts data to coordinates in the chart."""

    xs: tuple[float, float]
    ys: tuple[float, float]

    def x(self, value: float) -> float:
        low, high = self.xs
        return round(LEFT + (value - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high = self.ys
        return round(HEIGHT - BOTTOM - (value - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM), 1)


def _number(value: float) -> str:
    if abs(value) >= 10_000:  # noqa: PLR2004 (five digits do not fit beside the axis)
        return f"{value / 1000:g}k"
    return f"{value:g}"


def _axes(frame: _Frame, across: Sequence[float], up: Sequence[float], unit: str) -> list[str]:
    parts = []
    for value in up:
        y = frame.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 3.5}" text-anchor="end">{_number(value)}</text>')
    for value in across:
        if frame.xs[0] <= value <= frame.xs[1]:
            text = f"{_number(value)}{unit}"
            parts.append(f'<text class="tick" x="{frame.x(value)}" y="{HEIGHT - 7}" text-anchor="middle">{text}</text>')
    return parts


def _path(frame: _Frame, curve: ChartLine) -> list[str]:
    spots = [(frame.x(x), frame.y(y)) for x, y in curve.points]
    if curve.stepped:
        spots = [
            spots[0],
            *(spot for (_, y), (x2, y2) in pairwise(spots) for spot in ((x2, y), (x2, y2))),
        ]
    line = " L".join(f"{x} {y}" for x, y in spots)
    parts = []
    if curve.filled:
        ground = frame.y(frame.ys[0])
        parts.append(
            f'<path class="area {curve.style}" d="M{spots[0][0]} {ground} L{line} L{spots[-1][0]} {ground} Z"/>'
        )
    parts.append(f'<path class="curve {curve.style}" d="M{line}"/>')
    return parts


def _svg(label: str, parts: Sequence[str]) -> Markup:
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{Markup.escape(label)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704 (only numbers and escaped text)


def line_chart(
    label: str, curves: Sequence[ChartLine], marks: Sequence[UprightLine] = (), unit: str = "s"
) -> Markup | None:
    """Return a chart of curves over time, None if there is nothing to draw. `label` is for screen readers."""
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return None
    xs = [x for curve in drawn for x, _ in curve.points] + [mark.at for mark in marks]
    across, up = ticks(min(xs), max(xs)), ticks(0, max(y for curve in drawn for _, y in curve.points))
    frame = _Frame((min(xs), max(xs)), (up[0], up[-1]))
    parts = _axes(frame, across, up, unit)
    for mark in marks:
        x = frame.x(mark.at)
        parts.append(
            f'<line class="mark" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}">'
            f"<title>{Markup.escape(mark.label)}</title></line>"
        )
    for curve in drawn:
        parts += _path(frame, curve)
    return _svg(label, parts)


def bar_chart(label: str, classes: Sequence[tuple[float, float, int]], unit: str = "s") -> Markup | None:
    """Return a histogram of (from, to, count) classes, None if there are none."""
    if not classes:
        return None
    low, high = classes[0][0], classes[-1][1]
    up = ticks(0, max(count for *_, count in classes))
    frame = _Frame((low, high), (up[0], up[-1]))
    parts = _axes(frame, ticks(low, high), up, unit)
    for start, end, count in classes:
        x, y = frame.x(start), frame.y(count)
        size = f'width="{max(frame.x(end) - x - 1.5, 1):.1f}" height="{frame.y(0) - y:.1f}"'
        title = f"<title>{_number(round(start, 1))}-{_number(round(end, 1))}{unit}: {count}</title>"
        parts.append(f'<rect class="bar" x="{x}" y="{y}" {size} rx="1.5">{title}</rect>')
    return _svg(label, parts)
