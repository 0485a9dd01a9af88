"""The few SVG elements that every drawing is made of. Coordinates are in a picture of 800 by 1000."""

WIDTH, HEIGHT = 800, 1000
FLOOR = 850  # where things stand


def rect(x: float, y: float, width: float, height: float, fill: str, radius: float = 0, extra: str = "") -> str:
    """Draw a rectangle, with round corners where `radius` is given."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" fill="{fill}"{extra}/>'


def circle(x: float, y: float, radius: float, fill: str, extra: str = "") -> str:
    """Draw a circle around (x, y)."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"{extra}/>'


def ellipse(x: float, y: float, wide: float, high: float, fill: str, extra: str = "") -> str:
    """Draw an ellipse around (x, y) with two radii."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{wide:g}" ry="{high:g}" fill="{fill}"{extra}/>'


def path(d: str, fill: str = "none", extra: str = "") -> str:
    """Draw a path."""
    return f'<path d="{d}" fill="{fill}"{extra}/>'


def line(d: str, colour: str, width: float, opacity: float = 1) -> str:
    """Draw a path that is drawn as a line with round ends."""
    extra = f' stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round" stroke-opacity="{opacity:g}"'
    return path(d, "none", extra)


def text(x: float, y: float, content: str, size: float, fill: str, extra: str = "") -> str:
    """Draw a line of lettering, centred on `x`."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="middle" '
        f"font-family=\"Didot, 'Bodoni MT', 'Playfair Display', Georgia, serif\"{extra}>{content}</text>"
    )


def shine(x: float, y: float, width: float, height: float, opacity: float = 0.35) -> str:
    """Draw the light that falls on the left of something smooth."""
    return rect(x, y, width, height, "#fff", width / 2, f' opacity="{opacity:g}"')


def shadow(x: float, wide: float, y: float = FLOOR) -> str:
    """Draw the shade of what stands on the floor."""
    return ellipse(x + 18, y, wide, 20, "#2a1618", ' opacity=".16"') + ellipse(
        x + 6, y - 2, wide * 0.82, 11, "#2a1618", ' opacity=".18"'
    )


def dark(colour: str) -> bool:
    """Whether white lettering reads better on this colour (relative luminance, roughly)."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 150  # noqa: PLR2004


def ink_on(colour: str) -> str:
    """Return the colour of lettering on `colour`."""
    return "#fffaf5" if dark(colour) else "#3a2a2c"


def shade(colour: str, by: float) -> str:
    """`colour` nearer to black (by < 0) or to white (by > 0), from -1 to 1."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    goal = 0 if by < 0 else 255
    return "#" + "".join(f"{round(part + (goal - part) * abs(by)):02x}" for part in parts)
