"""The mall's disk is lost in the middle of a sale: no paid order that somebody was told of is lost, in mall or drop."""

import asyncio
import os
import random
import shutil
import signal
from pathlib import Path

import psutil
import pytest

from marketday.apps.backup_desk import restore_home
from marketday.cli.backup import RestoreWish
from marketday.kit.ids import new_id
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import start_mall, stop_everything
from marketday.provisioners.local.readiness import is_ready
from marketday.provisioners.local.start_stop import plane_status

from .market import Market, buying, market
from .plane import until

pytestmark = pytest.mark.long


def lose_databases(found: Market, *, kill: bool, delete: bool) -> None:
    """Kill the PostgreSQL of the mall and of the drop, or delete their data as a disk that is gone does, or both."""
    for folder in (found.home.mall.path, found.home.environment(found.environment_id).path):
        data = folder / "postgres" / "data"
        if kill:
            kill_database(folder)
        if delete:
            data.rename(data.with_name("lost"))
            shutil.rmtree(data.with_name("lost"))


def kill_database(folder: Path) -> None:
    """Kill PostgreSQL with all its processes."""
    pid = next(one.pid for one in plane_status(folder) if one.name == "postgres")
    assert pid is not None
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for each in family:
        os.kill(each.pid, signal.SIGKILL)


@pytest.mark.parametrize("seed", range(int(os.environ.get("MARKETDAY_LOSSES", "1"))))
@pytest.mark.parametrize("how", ["killed and deleted", "killed, sold on, and deleted", "deleted while it runs"])
async def test_a_lost_disk_loses_no_order_that_was_told(server_folder: Path, how: str, seed: int) -> None:
    folder = server_folder / f"second-{new_id().hex}"
    folder.mkdir(mode=0o700)
    async with market(server_folder / f"home-{new_id().hex}", folder) as found:
        async with buying(found) as buyers:
            await until(lambda: len(buyers.mall) > 30 and len(buyers.drop) > 60)
            await asyncio.sleep(random.Random(seed).random() * 2)  # another moment in each run
            if how == "killed, sold on, and deleted":
                lose_databases(found, kill=True, delete=False)
                before = len(buyers.mall), len(buyers.drop)
                await until(lambda: len(buyers.mall) > before[0] and len(buyers.drop) > before[1])
            lose_databases(found, kill=how != "deleted while it runs", delete=True)
        told = len(buyers.mall), len(buyers.drop)
        without = RestoreWish(str(folder / "store"), folder / "key", None, None, None, folder / "home", replace=False)
        half = await restore_home(found.home.link, without, print)
        assert sum(half.orders.values()) < sum(told)  # so the last orders come from the stream
        shutil.rmtree(half.home.root)
        wish = RestoreWish(str(folder / "store"), folder / "key", folder / "stream", None, None, None, replace=True)
        done = await restore_home(found.home.link, wish, print)
        try:
            assert done.warnings == []
            plane = await start_mall(done.home)
            await until(lambda: is_selling_again(done.home, found))
            assert await buyers.lost(plane.database_url, found.drop_url) == []
            kept = done.orders["mall"], done.orders[str(found.environment_id)]
            assert kept[0] >= told[0]
            assert kept[1] >= told[1]
            async with buying(found, in_mall=1, in_drop=1) as later:
                await until(lambda: later.mall and later.drop)
        finally:
            await stop_everything(done.home)
            assert done.aside is not None
            shutil.rmtree(done.aside)


def is_selling_again(home: Home, found: Market) -> bool:
    """Return whether every process of the drop's plane is ready."""
    folder = home.environment(found.environment_id)
    if not (folder.path / "plane.json").exists():
        return False
    checks = [spec.ready for spec in folder.read_plane().processes]
    return all(check is not None and is_ready(check) for check in checks)
