"""The pictures of the example catalogue are what the program beside it draws."""

import subprocess
import sys
from pathlib import Path
from xml.parsers import expat

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_drawing_again_changes_nothing(tmp_path):
    copy = tmp_path / "examples"
    copy.mkdir()
    (copy / "drawing").mkdir()
    for name in (
        "catalog.csv",
        "draw_pictures.py",
        *(f"drawing/{file.name}" for file in EXAMPLES.glob("drawing/*.py")),
    ):
        (copy / name).write_bytes((EXAMPLES / name).read_bytes())
    subprocess.run([sys.executable, str(copy / "draw_pictures.py")], check=True)
    drawn = {file.name: file.read_bytes() for file in (copy / "media").iterdir()}
    assert drawn == {file.name: file.read_bytes() for file in (EXAMPLES / "media").iterdir()}
    for name, picture in drawn.items():
        assert picture.startswith(b"<svg "), name
        expat.ParserCreate().Parse(picture, True)  # raises where it is not well-formed
