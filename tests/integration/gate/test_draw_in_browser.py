"""The draw in JavaScript is the draw in Python. Node runs the very module that the page loads."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

import marketday
from marketday.waitingroom.draw import commitment, permutation

STATIC = Path(marketday.__file__).parent / "web/gate/static"
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="NO NODE: the draw in JavaScript is NOT compared with the draw in Python")
def test_javascript_and_python_draw_the_same(tmp_path: Path) -> None:
    seeds = [hashlib.sha256(f"js {number}".encode()).digest() for number in range(4)]
    counts = [1, 2, 3, 7, 9, 10, 100, 2_999, 3_000, 1_000_003, 2**31]
    cases = [
        (seed, index, count)
        for seed in seeds
        for count in counts
        for index in sorted({0, count // 2, count - 1, min(8, count - 1)})
    ]
    told = json.dumps([{"seed": seed.hex(), "index": index, "count": count} for seed, index, count in cases])
    module = tmp_path / "draw.mjs"  # the ending tells every Node that it is a module
    shutil.copyfile(STATIC / "draw.js", module)
    argv = [NODE, str(Path(__file__).with_name("draw_check.mjs")), module.as_uri()]
    answer = subprocess.run(argv, input=told, capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(answer.stdout)
    assert found["positions"] == [permutation(seed, index, count) for seed, index, count in cases]
    assert found["commitment"] == commitment(seeds[0]).hex()
