"""Every scenario is played as an operator plays it. Long: about two minutes each."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from marketday.gameday.names import ScenarioName
from marketday.gameday.registry import SCENARIOS
from marketday.kit.ids import new_id
from marketday.provisioners.local.home import open_home

LONGEST_SECONDS = 900


@pytest.mark.long
@pytest.mark.parametrize("name", ScenarioName)
async def test_the_hypothesis_holds(name: ScenarioName, server_folder: Path, tmp_path: Path):
    if lacking := SCENARIOS[name].missing():
        pytest.skip(lacking)
    home, report = server_folder / f"home-{new_id().hex}", tmp_path / "page.html"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "marketday.apps.start", "--home", str(home)),
        *("gameday", name, "--report", str(report), "--lang", "en"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200"},
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LONGEST_SECONDS)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    assert process.returncode == 0, output.decode()
    assert "The hypothesis held" in report.read_text("utf-8")
    assert [folder for folder, _ in open_home(home).folders() if folder.is_watched()] == []
