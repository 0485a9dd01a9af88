"""A small mall's database with its backup: kept on a second disk, restored, and what happens when that disk hangs.

The whole market, with shoppers, is in tests/faults/test_lost_disk.py.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from marketday.accounts.tokens import new_signing_key
from marketday.kit.database import connect
from marketday.kit.files import sql_folder
from marketday.kit.ids import new_id
from marketday.kit.migrations import migrate
from marketday.provisioners.local import mall_plane, processes, readiness
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.checking import check
from marketday.provisioners.local.backup.clusters import Cluster, clusters_of
from marketday.provisioners.local.backup.errors import (
    BackupRuns,
    BackupSettings,
    BackupUnusable,
    NoBackup,
    RestoreRefused,
)
from marketday.provisioners.local.backup.key import make_key
from marketday.provisioners.local.backup.model import SEGMENT_BYTES, BackupSnapshot
from marketday.provisioners.local.backup.places import FolderPlace
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.backup.restoring import Restored, RestorePlan, plan, recover_drop, restore
from marketday.provisioners.local.backup.rounds import alone
from marketday.provisioners.local.backup.streaming import Keeping, remove_unbegun
from marketday.provisioners.local.backup.taking import take
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.bringing_up import Ground, lay_ground, lay_servers
from marketday.provisioners.local.databases import ensure_database
from marketday.provisioners.local.home import Home, open_home

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class SmallMall:
    """A mall of which only the database and Valkey run, and its backup."""

    home: Home
    ground: Ground
    vault: Vault
    stream: WalStream
    news: list[str] = field(default_factory=list)

    @property
    def cluster(self) -> Cluster:
        return clusters_of(self.home)[0]

    async def tell(self, text: str) -> None:
        self.news.append(text)

    async def order(self, total: int = 1000) -> None:
        """Place a paid order, and return when that is committed."""
        connection = await connect(self.cluster.url, seconds=60)
        try:
            await connection.execute(
                "WITH a AS (INSERT INTO accounts VALUES ($1::uuid, $1::uuid || '@example.com', '', '') RETURNING id), "
                "o AS (INSERT INTO orders (id, account_id, state, currency, total_minor) "
                "      SELECT $1::uuid, id, 'paid', 'KRW', $2::bigint FROM a RETURNING id), "
                "l AS (INSERT INTO order_lines SELECT id, 1, 'A', 'A', 'A', 1, $2::bigint FROM o) "
                "INSERT INTO payments (id, order_id, state, amount_minor, currency) "
                "SELECT $1::uuid, id, 'captured', $2::bigint, 'KRW' FROM o",
                new_id(),
                total,
            )
        finally:
            await connection.close()


@contextmanager
def servers(ground: Ground, home: Home) -> Iterator[dict[str, int]]:
    """Run PostgreSQL and Valkey; yields their process ids."""
    specs = lay_servers(ground, home.programs)
    children = []
    for spec in specs:
        log = ground.folder.log(spec.name)
        children.append((processes.start(spec, ground.plane_id, log), spec))
    try:
        for child, spec in children:
            readiness.wait_until_ready(spec, lambda child=child: child.poll() is None, ground.folder.log(spec.name))
        yield {spec.name: child.pid for child, spec in children}
    finally:
        for child, spec in children:
            processes.end(child, spec)


@pytest.fixture(scope="module")
def small(server_folder: Path) -> Iterator[SmallMall]:
    folder = server_folder / f"backup-{new_id().hex}"
    folder.mkdir(mode=0o711)
    home = open_home(folder / "home")
    ground = lay_ground(home.mall, home.plane_id("mall"), ("edge", "postgres", "valkey"))
    ground.secrets.get("signing-key.json", new_signing_key)
    (home.mall.path / "media").mkdir()
    (home.mall.path / "media" / "a.jpg").write_bytes(b"a picture")
    sandbox = lay_ground(home.sandbox, home.plane_id("sandbox"), ("sandbox",))
    sandbox.secrets.get("gateway")
    for name in ("store", "stream"):
        (folder / name).mkdir(mode=0o700)
    vault = Vault.make(FolderPlace(folder / "store"), make_key(folder / "keys" / "key"))
    try:
        yield SmallMall(home, ground, vault, WalStream(folder / "stream"))
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def kept(small: SmallMall) -> AsyncIterator[Keeping]:
    """Keep the WAL of the mall; from the beginning of the context each commit is on the second disk."""
    keeping = Keeping(small.cluster, small.stream.folder("mall"), small.home.mall.log("archiver-mall"), small.tell)
    task = asyncio.create_task(keeping.run())
    try:
        await until(lambda: keeping.protected)
        yield keeping
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)


async def restored(
    small: SmallMall, name: str, at: datetime | None = None, stream: WalStream | None = None
) -> Restored:
    chosen = await asyncio.to_thread(plan, small.vault, stream, at, datetime.now(UTC), lambda _: None)
    return await restore(chosen, small.home.root.parent / name, lambda _: None, replace=False)


async def test_a_lost_database_is_restored_to_its_last_commit_and_to_a_moment(small: SmallMall) -> None:
    with servers(small.ground, small.home) as pids:
        admin = small.ground.postgres(small.cluster.server.programs).url()
        await ensure_database(admin, mall_plane.DATABASE)
        await migrate(small.cluster.url, sql_folder("mall"))
        await small.order()
        async with kept(small) as keeping:
            snapshot = await back_up(small)
            await small.order()
            async with figures.opened(small.cluster) as connection:
                moment = await connection.fetchval("SELECT clock_timestamp()")
            await the_sale_goes_on_while_the_second_disk_hangs(small, keeping)
            await small.order()
            async with alone(small.home):
                newest = await take(small.home, small.vault, clusters_of(small.home), lambda _: None)
            await until(lambda: keeping._noted == keeping._kept == keeping._lsn)
            os.kill(pids["postgres"], signal.SIGKILL)  # and so is the disk:
        shutil.rmtree(small.home.mall.path / "postgres")
    alter(small, newest)
    latest = await restored(small, "latest", stream=small.stream)
    assert latest.orders == {"mall": 4}  # an older backup and its WAL lead there too
    assert [line.count("an older backup") for line in latest.warnings] == [1, 1]
    assert (latest.home.mall.path / "media" / "a.jpg").read_bytes() == b"a picture"
    for name in ("signing-key.json", "postgres"):
        assert (latest.home.mall.path / "secrets" / name).read_bytes() == (
            small.home.mall.path / "secrets" / name
        ).read_bytes()
    await damage_at_the_end_is_told(small)
    then = await restored(small, "then", moment, small.stream)
    assert (then.orders, then.warnings) == ({"mall": 2}, [])
    await wrong_wishes_are_refused(small, latest.home, snapshot)


async def back_up(small: SmallMall) -> BackupSnapshot:
    """Make and check a backup; a second one at the same time is refused."""
    async with alone(small.home):
        with pytest.raises(BackupRuns):
            async with alone(small.home):
                pass
        snapshot = await take(small.home, small.vault, clusters_of(small.home), lambda _: None)
        result = await check(small.home, small.vault, snapshot, small.stream, lambda _: None)
    assert result.problems == []
    assert list(small.home.checks.iterdir()) == []
    return snapshot


async def the_sale_goes_on_while_the_second_disk_hangs(small: SmallMall, keeping: Keeping) -> None:
    """A receiver that does not write any more holds a commit for seconds only, which is told; then it is kept again."""
    receiver = keeping._child
    assert receiver is not None
    receiver.send_signal(signal.SIGSTOP)
    placed = asyncio.create_task(small.order())
    await asyncio.wait({placed}, timeout=25)
    assert placed.done()
    await placed
    assert not keeping.protected
    await until(lambda: "NOT kept" in small.news[-1])
    receiver.send_signal(signal.SIGCONT)
    await until(lambda: keeping.protected)


def alter(small: SmallMall, snapshot: BackupSnapshot) -> None:
    """Alter the mall's base backup of a snapshot, and remove its files."""
    folder = Path(small.vault.place.address) / "snapshots" / snapshot.id
    with (folder / "mall.base").open("r+b") as file:
        file.seek(snapshot.bases[0].part.size // 2)
        file.write(b"altered")
    (folder / "files").unlink()


async def damage_at_the_end_is_told(small: SmallMall) -> None:
    """A damaged record looks like the end of the WAL: what is missing after it is told, and not only left out."""
    last = max(small.stream.folder("mall").iterdir())
    before = last.read_bytes()
    last.write_bytes(bytes(len(before)))
    damaged = await restored(small, "damaged", stream=small.stream)
    assert [line for line in damaged.warnings if last.name.removesuffix(".partial") in line]
    last.write_bytes(before)


async def test_a_segment_that_was_never_begun_does_not_stop_the_receiver(tmp_path: Path) -> None:
    empty, zeros, begun, whole = (tmp_path / f"{number:024X}.partial" for number in range(4))
    for path, content in (
        (empty, b""),
        (zeros, bytes(4096)),
        (begun, b"\0WAL"),
        (whole, bytes(SEGMENT_BYTES)),
    ):
        path.write_bytes(content)
    remove_unbegun(tmp_path)
    assert sorted(tmp_path.iterdir()) == [empty, begun, whole]


async def wrong_wishes_are_refused(small: SmallMall, there: Home, snapshot: BackupSnapshot) -> None:
    """Nothing is changed by a restore into a home that is there, to a moment that is not, or from altered WAL."""
    for name, at, error in (
        ("latest", None, RestoreRefused),
        ("early", snapshot.begun_at, NoBackup),
        ("late", datetime.now(UTC), BackupUnusable),
    ):
        with pytest.raises(error):
            await restored(small, name, at, small.stream)
    assert there.mall.path.is_dir()
    await another_stream_is_refused(small)
    chosen = await asyncio.to_thread(plan, small.vault, small.stream, datetime.now(UTC), datetime.now(UTC), print)
    with patch.object(Path, "is_mount", return_value=True), pytest.raises(RestoreRefused, match="a disk of its own"):
        await restore(chosen, there.link, print, replace=True)
    await a_drop_that_ended_before_the_moment_is_restored_to_its_end(chosen, there)
    small.stream.root.chmod(0o777)
    with pytest.raises(BackupUnusable, match="others can change"):
        await restored(small, "foreign", None, small.stream)
    small.stream.root.chmod(0o700)


async def another_stream_is_refused(small: SmallMall) -> None:
    """A disk that is not mounted, or the stream of another mall, would lose the last orders without a word."""
    other = WalStream(small.home.root.parent / "other")
    other.folder("mall").mkdir(mode=0o700, parents=True)
    other.root.chmod(0o700)
    with pytest.raises(BackupSettings, match="no WAL of the mall"):
        await restored(small, "unmounted", None, other)
    (other.folder("mall") / "000000010000000000000001").touch()
    with pytest.raises(BackupSettings, match="no WAL of the mall after 0"):
        await restored(small, "earlier", None, other)
    segment = max(small.stream.folder("mall").iterdir())
    content = bytearray(segment.read_bytes())
    content[24] ^= 1  # of the cluster's identifier
    (other.folder("mall") / segment.name).write_bytes(content)
    with pytest.raises(BackupUnusable, match="of another database"):
        await restored(small, "another", None, other)


async def a_drop_that_ended_before_the_moment_is_restored_to_its_end(chosen: RestorePlan, there: Home) -> None:
    """A drop whose servers were stopped writes no more, and does not keep the mall from being restored."""
    plane = there.root.parent / "drop"
    shutil.copytree(there.mall.path / "secrets", plane / "secrets")
    programs = clusters_of(there)[0].server.programs
    done = Restored(there, None)
    await recover_drop(chosen.choices("mall"), plane, programs, done)
    assert done.orders == {"mall": 4}
    assert [line for line in done.warnings if "ends before that moment" in line]
