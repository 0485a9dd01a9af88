"""What the products are kept in: bottles, jars, tubes, compacts and tools, each drawn from its colours."""

from collections.abc import Callable
from dataclasses import dataclass

from drawing.shapes import FLOOR, circle, ellipse, ink_on, line, path, rect, shade, shadow, shine, text

MIDDLE = 400


@dataclass(frozen=True)
class Look:
    """What a container is lettered and coloured with."""

    brand: str
    name: str
    body: str
    cap: str

    @property
    def ink(self) -> str:
        """The colour of lettering on the body."""
        return ink_on(self.body)


def draw(container: str, brand: str, handle: str, body: str, cap: str) -> str:
    """Return the drawing of a product in its container."""
    words = [word for word in handle.split("-") if word not in (brand.lower(), "dawn")]
    return _CONTAINERS[container](Look(brand, " ".join(words[:3]).upper(), body, cap))


def _label(look: Look, y: float, width: float, ink: str = "") -> str:
    ink = ink or look.ink
    size = min(46, width / (0.62 * len(look.brand)))
    small = min(17, width / (0.78 * max(1, len(look.name))))
    return (
        text(MIDDLE, y, look.brand, size, ink, ' letter-spacing="1"')
        + line(f"M{MIDDLE - 22} {y + 26}h44", ink, 2, 0.7)
        + text(MIDDLE, y + 58, look.name, small, ink, ' letter-spacing="2" opacity=".85"')
    )


def _standing(look: Look, width: float, top: float, radius: float) -> str:
    """Draw the body of something upright: its sides, its darker right, its light left."""
    x, height = MIDDLE - width / 2, FLOOR - top
    right = rect(x + width * 0.72, top, width * 0.28, height, shade(look.body, -0.35), radius, ' opacity=".16"')
    return (
        shadow(MIDDLE, width * 0.62)
        + rect(x, top, width, height, look.body, radius)
        + right
        + shine(x + width * 0.08, top + 30, width * 0.07, height - 60)
    )


def _dropper(look: Look) -> str:
    neck = rect(360, 408, 80, 40, shade(look.cap, 0.12), 8) + rect(352, 300, 96, 112, look.cap, 16)
    bulb = rect(372, 190, 56, 124, shade(look.cap, 0.28), 28) + shine(366, 312, 10, 88, 0.25)
    glass = _standing(look, 240, 440, 44) + rect(296, 560, 208, 270, shade(look.body, -0.14), 28, ' opacity=".35"')
    return glass + neck + bulb + _label(look, 660, 190)


def _bottle(look: Look) -> str:
    cap = rect(348, 216, 104, 118, look.cap, 12) + shine(360, 228, 10, 94, 0.3)
    return _standing(look, 218, 326, 38) + cap + _label(look, 580, 180)


def _pump(look: Look) -> str:
    head = path("M316 214h96a22 22 0 0 1 22 22v22h-60v-14h-58z", look.cap) + rect(
        390, 250, 22, 92, shade(look.cap, -0.1)
    )
    collar = rect(346, 330, 108, 56, look.cap, 10)
    return _standing(look, 266, 376, 52) + head + collar + _label(look, 610, 210)


def _spray(look: Look) -> str:
    cap = rect(344, 200, 112, 150, look.cap, 20) + shine(358, 216, 12, 116, 0.35)
    return _standing(look, 190, 340, 60) + cap + _label(look, 580, 156)


def _jar(look: Look) -> str:
    body = _standing(look, 400, 610, 60)
    lid = rect(190, 510, 420, 120, look.cap, 26) + rect(190, 596, 420, 34, shade(look.cap, -0.3), 14, ' opacity=".18"')
    return body + lid + shine(216, 528, 14, 76, 0.4) + _label(look, 716, 250)


def _tube(look: Look) -> str:
    sides = "M276 260H524L494 770H306z"
    crimp = rect(270, 226, 260, 44, shade(look.body, -0.08), 6)
    ticks = "".join(line(f"M{288 + 14 * n} 236v24", shade(look.body, -0.3), 2, 0.5) for n in range(17))
    cap = rect(306, 764, 188, 86, look.cap, 14) + shine(320, 776, 10, 62, 0.35)
    light = path("M300 290l18 0l24 460h-14z", "#fff", ' opacity=".35"')
    gloom = path("M470 270H524L494 770H452z", shade(look.body, -0.4), ' opacity=".13"')
    return shadow(MIDDLE, 140) + path(sides, look.body) + gloom + crimp + ticks + light + cap + _label(look, 470, 180)


def _flat(look: Look) -> str:
    cap = rect(352, 300, 96, 96, look.cap, 18) + shine(364, 312, 9, 70, 0.35)
    band = rect(270, 690, 260, 60, look.cap, 0, ' opacity=".9"')
    return _standing(look, 260, 388, 96) + band + cap + _label(look, 560, 190)


def _stick(look: Look) -> str:
    core = path("M330 470V380C330 310 372 290 400 290S470 310 470 380V470z", look.cap)
    sleeve = rect(318, 450, 164, 90, shade(look.body, 0.35), 10)
    return core + shine(346, 340, 12, 100, 0.45) + sleeve + _standing(look, 196, 520, 26) + _label(look, 670, 160)


def _tint(look: Look) -> str:
    swatches = ("#c4302b", "#9c4436", "#b5264f", "#ef9a72", "#dd7f86", "#6d2a45")
    tubes = ""
    for place, colour in enumerate(swatches):
        x, top = 130 + 92 * place, 520 - (40 if place % 2 else 0)
        tubes += ellipse(x + 44, FLOOR, 44, 11, "#2a1618", ' opacity=".2"') + rect(x, top, 74, FLOOR - top, colour, 16)
        tubes += rect(x + 6, top - 190, 62, 200, look.cap, 10) + shine(x + 14, top - 178, 6, 168, 0.25)
        tubes += shine(x + 9, top + 22, 7, FLOOR - top - 50, 0.4)
        tubes += text(
            0, 0, look.brand, 25, "#fffaf5", f' transform="translate({x + 45} {(top + FLOOR) / 2}) rotate(-90)"'
        )
    return tubes


def _wand(look: Look) -> str:
    body = rect(330, 470, 76, 380, look.body, 20) + shine(342, 490, 8, 330, 0.3)
    cap = rect(334, 210, 68, 270, look.cap, 16) + shine(344, 226, 7, 236, 0.35)
    word = text(0, 0, look.brand, 32, look.ink, ' transform="translate(380 664) rotate(-90)"')
    stem = line("M520 846L520 560", shade(look.cap, -0.2), 10) + line("M520 420V580", "#1d1b1a", 9)
    bristles = "".join(line(f"M{496 + (n % 2) * 2} {420 + 9 * n}l46 8", "#1d1b1a", 5) for n in range(17))
    sponge = path("M508 540V450C508 424 532 404 540 404V540z", shade(look.body, -0.18))
    return shadow(370, 70) + body + cap + word + stem + (bristles if "MASCARA" in look.name else sponge)


def _pencils(look: Look) -> str:
    drawn = ""
    for x, colour, turn in ((300, "#2b2624", -9), (400, look.body, 0), (500, "#857a70", 9)):
        drawn += f'<g transform="rotate({turn} {x} {FLOOR})">' + ellipse(x, FLOOR, 40, 9, "#2a1618", ' opacity=".2"')
        drawn += (
            rect(x - 24, 380, 48, 470, colour, 8)
            + rect(x - 24, 700, 48, 40, look.cap)
            + shine(x - 15, 400, 7, 290, 0.3)
        )
        drawn += path(f"M{x - 24} 384L{x - 7} 300h14L{x + 24} 384z", "#e8cfae") + path(
            f"M{x - 8} 304L{x} 262L{x + 8} 304z", colour
        )
        drawn += text(0, 0, look.brand, 24, "#fffaf5", f' transform="translate({x + 9} 560) rotate(-90)"') + "</g>"
    return drawn


def _compact(look: Look) -> str:
    lid = circle(MIDDLE, 420, 205, look.body) + circle(MIDDLE, 420, 172, shade(look.body, 0.75))
    mirror = path("M290 470L450 290M340 520L500 340", "none", ' stroke="#fff" stroke-width="16" stroke-opacity=".7"')
    base = ellipse(MIDDLE, 742, 232, 106, shade(look.body, -0.25)) + ellipse(MIDDLE, 716, 232, 106, look.body)
    pan = ellipse(MIDDLE, 712, 186, 80, shade(look.cap, -0.12)) + ellipse(MIDDLE, 706, 186, 80, look.cap)
    petals = "".join(
        f'<g transform="translate({MIDDLE} 706) scale(1 .43) rotate({60 * n})">'
        + ellipse(0, -88, 34, 66, shade(look.cap, -0.16), ' opacity=".6"') + "</g>"
        for n in range(6)
    )  # fmt: skip
    hinge = rect(350, 600, 100, 34, shade(look.body, -0.3), 10)
    name = text(MIDDLE, 802, look.brand, 30, look.ink, ' letter-spacing="2"')
    return shadow(MIDDLE, 220) + lid + mirror + hinge + base + pan + petals + name


def _palette(look: Look) -> str:
    pans = ("#c4302b", "#d8a23a", "#1f6f6b", "#f4ead8", "#8a3b32", "#e9b48f", "#2d4f7c", "#23211f", "#b98a4a")
    drawn = shadow(MIDDLE, 300) + rect(140, 240, 520, 270, look.body, 26) + rect(166, 266, 468, 218, "#e8eef0", 12)
    drawn += path("M210 460L380 280M270 470L440 290", "none", ' stroke="#fff" stroke-width="14" stroke-opacity=".8"')
    drawn += rect(140, 516, 520, 334, look.body, 26)
    for place, colour in enumerate(pans):
        x, y = 172 + 156 * (place % 3), 540 + 88 * (place // 3)
        drawn += rect(x, y, 144, 76, colour, 12) + line(f"M{x + 16} {y + 16}h112", "#fff", 4, 0.3)
    return drawn + text(MIDDLE, 832, look.brand, 26, "#fffaf5", ' letter-spacing="4"')


def _pouch(look: Look) -> str:
    bag = "M222 250H578L566 550L578 850H222L234 550z"
    wave = "".join(line(f"M240 {y}q40 -26 80 0t80 0t80 0t80 0", look.cap, 5, 0.5) for y in (700, 734, 768, 802))
    seal = rect(222, 250, 356, 30, "#fff", 0, ' opacity=".3"') + rect(222, 820, 356, 30, "#fff", 0, ' opacity=".3"')
    return shadow(MIDDLE, 190) + path(bag, look.body) + seal + wave + _label(look, 460, 270)


def _gift(look: Look) -> str:
    box = rect(180, 520, 440, 330, look.body, 18) + rect(160, 440, 480, 110, shade(look.body, -0.07), 18)
    ribbon = rect(370, 440, 60, 410, look.cap) + rect(160, 480, 480, 30, look.cap, 0, ' opacity=".85"')
    bow = path("M400 440C330 320 220 330 240 400S350 440 400 440S540 470 560 400S470 320 400 440z", look.cap)
    knot = rect(374, 412, 52, 46, shade(look.cap, -0.08), 16)
    tag = text(275, 700, look.brand, 34, look.ink) + line("M255 726h40", look.ink, 2, 0.7)
    snow = "".join(
        circle(x, y, 7, "#fff") for x, y in ((500, 640), (560, 720), (470, 770), (220, 600), (580, 600), (330, 800))
    )
    return shadow(MIDDLE, 270) + box + ribbon + bow + knot + tag + snow


def _brushes(look: Look) -> str:
    drawn = ""
    for place, (width, turn) in enumerate(((92, -16), (70, -8), (52, 0), (38, 8), (24, 16))):
        drawn += f'<g transform="rotate({turn} {MIDDLE} 980)">' + rect(388, 470, 24, 330, look.body, 12)
        drawn += path(f"M384 476L{400 - width / 3:g} 380h{width * 2 / 3:g}L416 476z", "#d9dadb")
        left, right, belly = 400 - width / 3, 400 + width / 3, 270 + 12 * place
        tip = f"M{left:g} 384C{400 - width} {belly} {left:g} {220 + 18 * place} 400 {210 + 20 * place}"
        tip += f"S{400 + width} {belly} {right:g} 384z"
        drawn += path(tip, look.cap) + shine(393, 490, 5, 280, 0.35) + "</g>"
    cup = path("M268 640H532L508 850H292z", "#fbf7f0") + path("M470 640H532L508 850H462z", "#8b7661", ' opacity=".16"')
    return shadow(MIDDLE, 150) + drawn + cup + text(MIDDLE, 760, look.brand, 36, "#3a2a2c")


def _stone(look: Look) -> str:
    heart = "M250 400C280 300 390 320 420 390C450 330 560 320 590 420"
    heart += "C620 540 520 640 470 760C450 810 380 820 360 760C330 650 220 540 250 400z"
    vein = line("M300 430C380 480 420 560 400 700", look.cap, 10, 0.7) + line(
        "M520 400C480 470 500 560 450 640", look.cap, 6, 0.6
    )
    return (
        shadow(420, 110)
        + path(heart, look.body)
        + vein
        + path(
            "M276 420C300 350 350 350 384 380",
            "none",
            ' stroke="#fff" stroke-width="14" stroke-linecap="round" stroke-opacity=".6"',
        )
        + text(420, 600, look.brand, 32, "#2f4636")
    )


def _pads(look: Look) -> str:
    box = _standing(look, 360, 560, 30) + rect(220, 640, 360, 110, look.cap)
    pads = "".join(ellipse(MIDDLE, 560 - 26 * n, 150, 40, shade(look.body, -0.06 if n % 2 else 0.5)) for n in range(6))
    return box + pads + ellipse(MIDDLE, 430, 120, 27, "#fff") + text(MIDDLE, 710, look.brand, 44, ink_on(look.cap))


def _puffs(look: Look) -> str:
    drawn = ""
    for x, y, size, colour in (
        (270, FLOOR, 1.0, look.body),
        (540, FLOOR, 0.86, look.cap),
        (410, FLOOR - 210, 0.95, "#f1d9b8"),
    ):
        drop = "M0 0C-120 0 -140 -110 -90 -190C-60 -240 -20 -290 0 -320C20 -290 60 -240 90 -190C140 -110 120 0 0 0z"
        drawn += shadow(x, 90 * size, y) if y == FLOOR else ""
        drawn += f'<g transform="translate({x} {y}) scale({size})">' + path(drop, colour)
        drawn += shine(-74, -170, 20, 110, 0.45) + "</g>"
    return drawn + text(270, 790, look.brand, 30, "#3a2a2c")


def _band(look: Look) -> str:
    ring = ellipse(MIDDLE, 560, 250, 210, look.body) + ellipse(MIDDLE, 590, 176, 130, shade(look.body, -0.3))
    weave = "".join(line(f"M{190 + 28 * n} 470q14 -70 30 -110", shade(look.body, -0.25), 3, 0.35) for n in range(15))
    bow = path("M400 400C330 280 230 300 250 380S340 430 400 410S560 460 560 380S470 290 400 400z", look.cap)
    knot = rect(368, 366, 64, 72, shade(look.cap, -0.12), 24)
    return shadow(MIDDLE, 220, 780) + ring + weave + bow + knot + text(MIDDLE, 752, look.brand, 32, "#3a2a2c")


_CONTAINERS: dict[str, Callable[[Look], str]] = {
    "dropper": _dropper,
    "bottle": _bottle,
    "pump": _pump,
    "spray": _spray,
    "jar": _jar,
    "tube": _tube,
    "flat": _flat,
    "stick": _stick,
    "tint": _tint,
    "wand": _wand,
    "pencils": _pencils,
    "compact": _compact,
    "palette": _palette,
    "pouch": _pouch,
    "gift": _gift,
    "brushes": _brushes,
    "stone": _stone,
    "pads": _pads,
    "puffs": _puffs,
    "band": _band,
}
