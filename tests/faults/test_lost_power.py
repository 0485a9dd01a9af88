"""Power is lost during a base backup, then the mall's disk, and a restore is killed: no order that was told is lost."""

import asyncio
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from marketday.apps.backup_desk import restore_home
from marketday.cli.backup import RestoreWish
from marketday.kit.ids import new_id
from marketday.provisioners.local.home import RESTORE_MARK
from marketday.provisioners.local.mall_plane import start_mall, stop_everything

from .market import Market, buying, market
from .plane import until
from .test_lost_disk import is_selling_again

pytestmark = pytest.mark.long


def lose_power(found: Market) -> None:
    """Kill every process of the home at once, with its supervisors and with what the archiver runs."""
    marks = {f"MARKETDAY_PLANE={plane_id}" for _, plane_id in found.home.folders()}
    mine = [each for each in psutil.process_iter() if _belongs(each, marks)]
    assert len(mine) > 10
    for each in mine:
        each.suspend()
    for each in mine:
        for child in each.children(recursive=True):
            child.kill()
        each.kill()


def _belongs(process: psutil.Process, marks: set[str]) -> bool:
    try:
        return bool(marks & {f"{key}={value}" for key, value in process.environ().items()})
    except psutil.Error:
        return False


async def command(*words: str) -> asyncio.subprocess.Process:
    line = (str(Path(sys.executable).with_name("marketday")), *words)
    return await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.PIPE)


async def test_lost_power_and_then_a_lost_disk_lose_no_order_that_was_told(server_folder: Path) -> None:
    folder = server_folder / f"second-{new_id().hex}"
    folder.mkdir(mode=0o700)
    async with market(server_folder / f"home-{new_id().hex}", folder) as found:
        home = str(found.home.link)
        async with buying(found) as buyers:
            await until(lambda: len(buyers.mall) > 20 and len(buyers.drop) > 20)
            backup = await command("--home", home, "backup", "run")
            assert backup.stdout is not None
            while b"copying" not in await backup.stdout.readline():
                pass
            lose_power(found)
            backup.kill()
            await backup.wait()
            await start_mall(found.home)
            before = len(buyers.mall), len(buyers.drop)
            await until(lambda: len(buyers.mall) > before[0] + 5 and len(buyers.drop) > before[1] + 5)
            lose_power(found)
            for plane in (found.home.mall.path, found.home.environment(found.environment_id).path):
                shutil.rmtree(plane / "postgres" / "data")
        told = len(buyers.mall), len(buyers.drop)
        options = ["--from", folder / "store", "--key-file", folder / "key", "--stream", folder / "stream"]
        killed = await command("--home", home, "restore", *map(str, options), "--replace")
        data = found.home.mall.path / "postgres" / "data" / "PG_VERSION"
        await until(data.exists)
        killed.kill()
        await killed.wait()
        assert (found.home.root / RESTORE_MARK).exists()
        wish = RestoreWish(str(folder / "store"), folder / "key", folder / "stream", None, None, None, replace=True)
        done = await restore_home(found.home.link, wish, print)
        try:
            assert done.warnings == []
            plane = await start_mall(done.home)
            await until(lambda: is_selling_again(done.home, found))
            assert await buyers.lost(plane.database_url, found.drop_url) == []
            assert done.orders["mall"] >= told[0]
            assert done.orders[str(found.environment_id)] >= told[1]
        finally:
            await stop_everything(done.home)
