"""Restores a home from a backup: into an empty folder, or in the place of a home that is kept aside."""

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import account_of, passable_folder
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.archives import unpack
from marketday.provisioners.local.backup.checking import compare
from marketday.provisioners.local.backup.clusters import Cluster
from marketday.provisioners.local.backup.errors import BackupSettings, BackupUnusable, NoBackup, RestoreRefused
from marketday.provisioners.local.backup.model import MALL, BackupSnapshot, BackupState, choose, newest_files, state_of
from marketday.provisioners.local.backup.recovery import (
    Recovery,
    WalStream,
    last_change,
    lay_cluster,
    missing_at_the_end,
    recovered,
    refuse_other_version,
)
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.earlier import keep_earlier_address
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import KEPT, RESTORE_MARK, Home, find_home, open_home
from marketday.provisioners.local.mall_plane import stop_everything
from marketday.provisioners.local.nginx import EVENT_HOST, MALL_HOST
from marketday.provisioners.local.plane_folder import RESTORED_MARK, PlaneFolder
from marketday.provisioners.local.ports import assigned_ports, read_ports
from marketday.provisioners.local.processes import find

Report = Callable[[str], None]
_SPARE_BYTES = 256 * 1024 * 1024
_TOPS = frozenset({"mall", "sandbox", "environments", "receipts"})


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What is restored from where; all of it was read and checked before anything is changed."""

    vault: Vault
    stream: WalStream | None
    at: datetime | None
    snapshots: Sequence[BackupSnapshot]
    files: BackupSnapshot
    mall: Recovery

    def wanted(self, cluster: str) -> Recovery | None:
        """Return what is recovered of a cluster; None if the backup has nothing of it at that moment."""
        chosen = choose(self.snapshots, cluster, self.at)
        return None if chosen is None else Recovery(self.vault, chosen[0], chosen[1], self.stream, self.at)


@dataclass(slots=True)
class Restored:
    """What was restored, and what a person has to know."""

    home: Home
    aside: Path | None
    orders: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def plan(vault: Vault, stream: WalStream | None, at: datetime | None, now: datetime, report: Report) -> RestorePlan:
    """Choose what to restore.

    Raises:
        NoBackup: there is no backup, or none that is old enough for `at`.
        BackupUnusable: the WAL has a gap, or others could have changed the stream's folder.

    """
    snapshots, problems = vault.look()
    for problem in problems:
        report(f"left out: {problem}")
    if stream is not None:
        stream.refuse_foreign()
    if not snapshots:
        raise NoBackup(f"{vault.place.address} has no finished backup")
    if at is not None and at > now:
        raise BackupSettings(f"{_shown(at)} is in the future; expected a moment before {_shown(now)}")
    chosen, files = choose(snapshots, MALL, at), newest_files(snapshots, at)
    if chosen is None or files is None:
        wholes = [base.ended_at for one in snapshots if (base := one.base(MALL)) is not None]
        first = f"; the first moment that it can restore is {_shown(min(wholes))}" if wholes else ""
        raise NoBackup(f"{vault.place.address} has no backup from before that moment{first}")
    snapshot, base = chosen
    if (state := state_of(snapshot, vault.checks())) is not BackupState.CHECKED:
        report(f"the backup {snapshot.id} is {state}; it is checked while it is restored")
    mall = Recovery(vault, snapshot, base, stream, at)
    mall.segments(vault.segments(MALL))
    return RestorePlan(vault, stream, at, snapshots, files, mall)


async def restore(chosen: RestorePlan, path: Path, report: Report, *, replace: bool) -> Restored:
    """Restore into the folder `path`, which is then a stopped home; `marketday up` starts it.

    With `replace` a home that is there is stopped and kept aside; if the restore fails, it is put back.

    Raises:
        RestoreRefused: the folder is not empty, or there is not enough space; nothing was changed.
        BackupError: the backup cannot be used; what was there is there again.

    """
    await asyncio.to_thread(_refuse_small, chosen, path)
    aside = await _make_room(path, report, replace=replace)
    try:
        home = open_home(path)
        with hold_home(home, "marketday restore"):
            write_whole(home.root / RESTORE_MARK, json.dumps({"from": chosen.vault.place.address}))
            done = Restored(home, aside)
            await _fill(chosen, done, report)
            (home.root / RESTORE_MARK).unlink()
            return done
    except BaseException:
        await asyncio.to_thread(_undo, path, aside)
        if aside is not None:
            report(f"nothing was restored; {path} is as it was, and stopped")
        raise


def _refuse_small(chosen: RestorePlan, path: Path) -> None:
    existing = next(part for part in (path.absolute(), *path.absolute().parents) if part.exists())
    clusters = {base.cluster for one in chosen.snapshots for base in one.bases}
    wanted = [each for name in clusters if (each := chosen.wanted(name)) is not None]
    needed = sum(each.bytes_needed() for each in wanted) + 2 * chosen.files.files.raw_size + _SPARE_BYTES
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise RestoreRefused(f"{existing} has {free / 1e6:,.0f} MB free; expected at least {needed / 1e6:,.0f} MB")


async def _make_room(path: Path, report: Report, *, replace: bool) -> Path | None:
    """Stop and move aside a home that is there; return where it is kept."""
    if path.is_symlink() and not path.exists():
        path.unlink()  # it led to a folder that is lost
    if not path.exists():
        return None
    home = find_home(path)
    with hold_home(home, "marketday restore"):
        if (home.root / RESTORE_MARK).exists():
            report(f"{path} has what an interrupted restore left; it is removed")
            home.empty()
            return None
        if not any(each.name not in KEPT for each in home.root.iterdir()):
            return None
        runs = any(find(plane_id, folder.path) for folder, plane_id in home.folders())
        if not replace:
            state = "is running" if runs else "is not empty"
            raise RestoreRefused(
                f"{path} {state}; expected an empty or missing folder: choose one with --to, or --replace it"
            )
        report(f"{path}: stopping what runs")
        await stop_everything(home)
        aside = home.root.with_name(f"{home.root.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        home.root.rename(aside)
        report(f"{path} is kept aside as {aside}")
        return aside


def _undo(path: Path, aside: Path | None) -> None:
    """Remove what was restored so far, and put back what was there."""
    root = path.resolve()
    if aside is None:
        with suppress(OSError):
            for entry in root.iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        return
    shutil.rmtree(root, ignore_errors=True)
    aside.rename(root)


async def _fill(chosen: RestorePlan, done: Restored, report: Report) -> None:
    home = done.home
    programs = postgres_programs(home.programs)
    refuse_other_version(chosen.mall.base, programs)
    report(f"keys, pictures and other files of {_shown(chosen.files.ended_at)}")
    await asyncio.to_thread(_lay_files, chosen, home)
    if done.aside is not None:
        await asyncio.to_thread(_keep_ledger, done.aside, home, report)
    keep_earlier_address(home.mall.path, f"http://{MALL_HOST}:{read_ports(home.mall.path / 'ports.json')['edge']}")
    report(f"the mall's database from {_shown(chosen.mall.base.ended_at)}, and the changes after that")
    await asyncio.to_thread(_lay, chosen.mall, home.mall.path, programs)
    async with recovered(chosen.mall, home.mall.path, programs) as mall:
        report(f"the last change of the mall is of {last_change(home.mall.path) or _shown(chosen.mall.base.ended_at)}")
        await _look_at(chosen.mall, mall, done)
        living = await figures.living(mall)
        there = [one for one in living if await _event(chosen, done, mall, one, report)]
    for folder in home.events():
        if UUID(folder.path.name) not in there:
            await asyncio.to_thread(shutil.rmtree, folder.path)
    (home.mall.path / "recovery.log").unlink(missing_ok=True)


def _lay_files(chosen: RestorePlan, home: Home) -> None:
    archive = home.root / f"{RESTORE_MARK}.new"
    chosen.vault.get_part(chosen.files, chosen.files.files, archive)

    def kept(name: PurePosixPath) -> bool:
        return name.parts[0] in _TOPS

    with archive.open("rb") as source:
        unpack(source, home.root, kept)
    archive.unlink()
    if not (home.mall.path / "secrets" / "signing-key.json").is_file():
        raise BackupUnusable(f"the files of {chosen.files.id} have no signing key of a mall")


def _keep_ledger(aside: Path, home: Home, report: Report) -> None:
    """Keep the sandbox of the old home, if it has one: it plays another company, which loses nothing with our disk."""
    ledger = PlaneFolder(aside / "sandbox").path
    if not (ledger / "sandbox" / "ledger.sqlite").is_file():
        report("the payment sandbox is as of the backup: payments after it are not in its books")
        return
    shutil.rmtree(home.sandbox.path, ignore_errors=True)
    left = shutil.ignore_patterns("account.json", "pids.json", "supervisor.*", "plane.json", "stopped", "logs")
    shutil.copytree(ledger, home.sandbox.path, symlinks=True, ignore=left)


def _lay(wanted: Recovery, plane: Path, programs: Path) -> None:
    passable_folder(plane.parent)
    passable_folder(plane, account_of(plane))
    lay_cluster(wanted, plane, programs)


async def _look_at(wanted: Recovery, cluster: Cluster, done: Restored) -> None:
    """Compare what was recovered; what differs is a warning, because a person wants what there is."""
    done.warnings += [f"{cluster.name}: {line}" for line in await compare(cluster, wanted.base)]
    damage = missing_at_the_end(wanted, cluster.folder.path)
    done.warnings += [] if damage is None else [damage]
    witness = await figures.read_witness(cluster, datetime.now(UTC))
    done.orders[cluster.name] = witness.orders


async def _event(chosen: RestorePlan, done: Restored, mall: Cluster, environment_id: UUID, report: Report) -> bool:
    """Restore the database and keys of an event plane; `up` makes the rest. Return whether the backup has it."""
    plane = done.home.environment(environment_id).path
    wanted = chosen.wanted(str(environment_id))
    if wanted is None or not (plane / "secrets" / "postgres").is_file():
        if wanted is not None or plane.exists():
            done.warnings.append(
                f"the plane of environment {environment_id} is not in the backup: it was made after it"
            )
        return False
    report(f"the drop's database of {environment_id}")
    programs = postgres_programs(done.home.programs)
    await asyncio.to_thread(_lay, wanted, plane, programs)
    async with recovered(wanted, plane, programs) as cluster:
        await _look_at(wanted, cluster, done)
    (plane / "recovery.log").unlink(missing_ok=True)
    names = tuple(read_ports(plane / "ports.json"))
    ports = assigned_ports(plane / "ports.json", names, keep=False)
    outputs = {"public_url": f"http://{EVENT_HOST}:{ports['edge']}", "port": str(ports["edge"])}
    await figures.move(mall, environment_id, outputs)
    write_whole(plane / RESTORED_MARK, "")
    return True


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="seconds")
