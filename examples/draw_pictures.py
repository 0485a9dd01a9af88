"""Draw the pictures of the example catalogue: `python examples/draw_pictures.py` writes examples/media/*.svg.

Every picture is a stage in the colours of its brand, with a container in front of it; nothing is random, so
drawing again changes nothing. Which container a product has stands in PRODUCTS below.
"""  # noqa: INP001

import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from drawing import containers, stages

HERE = Path(__file__).parent

# container, colour of the body, colour of cap or content
PRODUCTS = {
    "dawn-serum": ("dropper", "#f6b48c", "#3b2430"),
    "dawn-gift-set": ("gift", "#f3a693", "#fff3ea"),
    "dawn-serum-first-snow": ("dropper", "#e3edf5", "#3b4a63"),
    "dawn-gift-set-first-snow": ("gift", "#dfe9f3", "#3b4a63"),
    "dancheong-lip-tint": ("tint", "#c4302b", "#2a2320"),
    "mulgyeol-airy-sun-fluid": ("flat", "#f7fbff", "#3c7fc0"),
    "oreum-green-tea-essence": ("bottle", "#a9bf8a", "#2f3b2a"),
    "mulgyeol-water-gel-cream": ("jar", "#a8d4ea", "#f7fbff"),
    "dancheong-cushion": ("compact", "#1f6f6b", "#f0d7bd"),
    "noeul-hand-cream": ("tube", "#d9714e", "#fbe3cf"),
    "dancheong-palette": ("palette", "#23211f", "#c4302b"),
    "garam-scalp-shampoo": ("pump", "#7d6fa8", "#f4f0fa"),
    "dawn-toner": ("bottle", "#fbd9cb", "#f6f1ee"),
    "dawn-cream": ("jar", "#f8c9b4", "#fffaf6"),
    "dawn-cleansing-balm": ("jar", "#f9e2c4", "#f6b48c"),
    "oreum-heartleaf-ampoule": ("dropper", "#6f8f5f", "#24301f"),
    "oreum-clay-mask": ("jar", "#8c8377", "#4d463f"),
    "oreum-cica-cream": ("tube", "#dfe8d2", "#5d7a4c"),
    "mulgyeol-deep-sea-toner": ("bottle", "#3c7fc0", "#e9f4fb"),
    "mulgyeol-hyaluron-ampoule": ("dropper", "#bfe0f2", "#f7fbff"),
    "mulgyeol-sheet-mask": ("pouch", "#5fa3d4", "#f7fbff"),
    "mulgyeol-foam-cleanser": ("tube", "#f7fbff", "#5fa3d4"),
    "dawn-tone-up-sun-cream": ("tube", "#f7bfc0", "#fff6f1"),
    "oreum-mild-mineral-sun": ("flat", "#f3efe4", "#7f9a68"),
    "noeul-sun-stick": ("stick", "#e58a4f", "#fff0e0"),
    "oreum-aloe-after-sun": ("pump", "#b9d6a0", "#f7f9f2"),
    "dancheong-blush": ("compact", "#c4302b", "#f2a7a0"),
    "dancheong-mascara": ("wand", "#1d1b1a", "#d8a23a"),
    "dancheong-brow-pencil": ("pencils", "#5a4334", "#d8a23a"),
    "dancheong-highlighter": ("compact", "#d8a23a", "#f6ead6"),
    "dawn-lip-balm": ("stick", "#f6b48c", "#e98b7a"),
    "dancheong-concealer": ("wand", "#ead2b8", "#1f6f6b"),
    "garam-hair-oil": ("dropper", "#c99548", "#3a2f52"),
    "garam-treatment": ("tube", "#e5def2", "#7d6fa8"),
    "garam-scalp-serum": ("dropper", "#9d8fc9", "#f4f0fa"),
    "garam-hair-mist": ("spray", "#e9c6da", "#fbf6fa"),
    "noeul-body-wash": ("pump", "#c85f43", "#2e1d1a"),
    "noeul-body-lotion": ("pump", "#f6dcc4", "#c85f43"),
    "noeul-body-oil": ("spray", "#dd9a4e", "#2e1d1a"),
    "noeul-bath-salt": ("jar", "#f4ece4", "#b9836a"),
    "sonkkeut-brush-set": ("brushes", "#c9a27a", "#3c332d"),
    "sonkkeut-gua-sha": ("stone", "#8fb49a", "#d9e8dc"),
    "sonkkeut-cotton-pads": ("pads", "#f7f3ec", "#c9a27a"),
    "sonkkeut-puff-set": ("puffs", "#e7b7a5", "#9fb8a4"),
    "sonkkeut-hair-band": ("band", "#efe6d8", "#8c9474"),
}


def main() -> None:
    """Draw every picture that examples/catalog.csv names."""
    folder = HERE / "media"
    folder.mkdir(exist_ok=True)
    with (HERE / "catalog.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    brands = {row["Handle"]: row["Vendor"].split()[-1] for row in rows if row["Vendor"]}
    for row in rows:
        if not row["Image Src"]:
            continue
        picture = Path(row["Image Src"]).stem
        handle, brand = row["Handle"], brands[row["Handle"]]
        container, body, cap = PRODUCTS[handle]
        drawn = (
            stages.texture(brand, body)
            if picture.endswith("-texture")
            else stages.picture(brand, containers.draw(container, brand, handle, body, cap))
        )
        (folder / f"{picture}.svg").write_text(drawn + "\n", "utf-8")


if __name__ == "__main__":
    main()
