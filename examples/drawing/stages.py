"""Where the products stand: one stage for each brand."""

from drawing.shapes import FLOOR, HEIGHT, WIDTH, circle, ellipse, line, path, rect, shade

# sky above, sky below, floor, accent
COLOURS = {
    "Saebyeok": ("#f9cfc6", "#fff0dd", "#f6dcca", "#f08f73"),
    "Oreum": ("#dfe6cf", "#f4f3e4", "#d5d6bd", "#7f9a68"),
    "Mulgyeol": ("#bcdcf0", "#eef8fc", "#cfe6f3", "#5fa3d4"),
    "Dancheong": ("#f4e4cf", "#fbf3e6", "#e9d3b6", "#1f6f6b"),
    "Garam": ("#dcd3ee", "#f6f1fb", "#d9cfea", "#7d6fa8"),
    "Noeul": ("#f2a679", "#fbdcb9", "#eec09c", "#c85f43"),
    "Sonkkeut": ("#e9e2d6", "#f8f4ed", "#dfd5c6", "#b99b78"),
}


def _sky(brand: str) -> str:
    above, below, _, _ = COLOURS[brand]
    return (
        '<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{above}"/><stop offset="1" stop-color="{below}"/></linearGradient></defs>'
        + rect(0, 0, WIDTH, HEIGHT, "url(#sky)")
    )


def _saebyeok(accent: str) -> str:
    rings = "".join(circle(400, 560, 330 - 60 * ring, accent, f' opacity="{0.1 + 0.05 * ring:g}"') for ring in range(4))
    lines = "".join(line(f"M{90 + 40 * n} {640 + 34 * n}H{710 - 40 * n}", "#fff", 5, 0.6) for n in range(3))
    return rings + lines


def _oreum(accent: str) -> str:
    far = path("M0 640C120 520 250 500 380 600S660 480 800 590V1000H0z", shade(accent, 0.55))
    near = path("M0 740C160 620 300 640 430 720S680 640 800 700V1000H0z", shade(accent, 0.3))
    leaf = "M0 0C26 -50 26 -110 0 -160C-26 -110 -26 -50 0 0z"
    leaves = "".join(
        f'<g transform="translate({x} {FLOOR + 6}) rotate({turn})">{path(leaf, shade(accent, tone))}</g>'
        for x, turn, tone in ((120, -28, -0.1), (150, 6, -0.25), (660, 24, -0.1), (690, -10, -0.3), (632, 52, 0.1))
    )
    return circle(600, 250, 90, "#fffbe8", ' opacity=".8"') + far + near + leaves


def _mulgyeol(accent: str) -> str:
    waves = "".join(
        line(f"M-40 {y}q70 -46 140 0t140 0t140 0t140 0t140 0t140 0t140 0", shade(accent, 0.25), 8, 0.28)
        for y in range(150, 640, 92)
    )
    drops = "".join(
        circle(x, y, r, "#fff", ' opacity=".75"') + circle(x - r / 3, y - r / 3, r / 5, accent, ' opacity=".5"')
        for x, y, r in ((150, 700, 26), (206, 760, 14), (650, 640, 20), (612, 742, 32), (690, 776, 12))
    )
    return waves + circle(400, 520, 270, "#fff", ' opacity=".45"') + drops


def _dancheong(accent: str) -> str:
    arches = "".join(
        path(f"M{400 - r} {FLOOR}V{520}a{r} {r} 0 0 1 {2 * r} 0V{FLOOR}z", colour)
        for r, colour in ((310, accent), (268, "#d8a23a"), (226, "#c4302b"), (184, "#f7ead7"))
    )
    dots = "".join(circle(60 + 85 * n, 96, 13, ("#c4302b", accent, "#d8a23a")[n % 3]) for n in range(9))
    return line("M0 140H800", accent, 10) + dots + arches


def _garam(accent: str) -> str:
    strands = "".join(
        line(f"M{-60 + 62 * n} -20C{120 + 60 * n} 260 {-160 + 70 * n} 520 {40 + 62 * n} {FLOOR}", accent, 9, 0.16)
        for n in range(14)
    )
    return strands + circle(400, 500, 285, "#fff", ' opacity=".55"')


def _noeul(accent: str) -> str:
    sun = circle(400, 480, 265, "#fff3df", ' opacity=".85"') + circle(400, 480, 205, shade(accent, 0.35))
    bars = "".join(rect(150, 560 + 44 * n, 500, 10 + 5 * n, "#f9d9b6") for n in range(4))
    hills = path("M0 760C140 690 260 700 400 750S660 700 800 740V1000H0z", shade(accent, 0.1), ' opacity=".55"')
    return sun + bars + hills


def _sonkkeut(accent: str) -> str:
    back = rect(130, 190, 420, 700, shade(accent, 0.55), 210) + circle(590, 330, 110, shade(accent, 0.3))
    return back + line("M540 640q70 -120 120 -30t90 -60", shade(accent, -0.1), 6, 0.5)


_BACKDROPS = {
    "Saebyeok": _saebyeok,
    "Oreum": _oreum,
    "Mulgyeol": _mulgyeol,
    "Dancheong": _dancheong,
    "Garam": _garam,
    "Noeul": _noeul,
    "Sonkkeut": _sonkkeut,
}


def _svg(content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{content}</svg>'


def picture(brand: str, product: str) -> str:
    """Return a whole picture: `product` on the stage of its `brand`."""
    _, _, floor, accent = COLOURS[brand]
    ground = rect(0, FLOOR - 30, WIDTH, HEIGHT - FLOOR + 30, floor)
    edge = rect(0, FLOOR - 30, WIDTH, 6, "#fff", 0, ' opacity=".5"')
    return _svg(_sky(brand) + _BACKDROPS[brand](accent) + ground + edge + product)


def texture(brand: str, colour: str) -> str:
    """Return a picture of what is inside: one smear of it."""
    _, _, floor, accent = COLOURS[brand]
    deep, soft = shade(colour, -0.16), shade(colour, 0.12)
    smear = "M150 640C130 470 300 330 470 300S690 380 660 520S470 700 360 740S165 770 150 640z"
    ridges = "".join(
        line(f"M{190 + 24 * n} {640 - 6 * n}C{230 + 22 * n} {520 - 8 * n} {360 + 20 * n} {400 + 6 * n} "
             f"{510 + 16 * n} {350 + 36 * n}", "#fff" if n % 2 else deep, 18 - 2 * n, 0.5)
        for n in range(7)
    )  # fmt: skip
    blob = path(smear, shade(colour, -0.4), ' transform="translate(16 24)" opacity=".22"') + path(smear, soft)
    rim = path(smear, "none", f' stroke="{deep}" stroke-width="8" stroke-opacity=".45"')
    drop = circle(616, 768, 50, deep, ' opacity=".5"') + circle(610, 760, 46, soft)
    light = ellipse(594, 744, 14, 10, "#fff", ' opacity=".8"')
    back = circle(660, 190, 170, accent, ' opacity=".22"') + circle(120, 860, 230, floor, ' opacity=".8"')
    return _svg(_sky(brand) + back + blob + rim + ridges + drop + light)
