"""Restores a home from a backup: into an empty folder, or in the place of a home that is kept aside."""

import asyncio
import json
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID

from marketday.handback.model import Restoration
from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import account_of, passable_folder
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.archives import unpack
from marketday.provisioners.local.backup.checking import compare
from marketday.provisioners.local.backup.clusters import Cluster
from marketday.provisioners.local.backup.errors import (
    BackupSettings,
    BackupUnusable,
    EndsBefore,
    NoBackup,
    RestoreRefused,
)
from marketday.provisioners.local.backup.model import (
    MALL,
    BackupSnapshot,
    BackupState,
    candidates,
    state_of,
    with_files,
)
from marketday.provisioners.local.backup.recovery import (
    Recovery,
    WalStream,
    add_wal,
    last_change,
    lay_base,
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
_LAST_SECONDS = timedelta(seconds=10)  # more than the clocks of the gateway and of the database differ
_MOST_KEPT = 20_000  # payments of these seconds: far more than a drop can take
_SPARE_BYTES = 256 * 1024 * 1024
_OF_A_DISK = "lost+found"  # in an empty file system
_TOPS = frozenset({"mall", "sandbox", "environments", "receipts"})


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What is restored from where; all of it was read and checked before anything is changed."""

    vault: Vault
    stream: WalStream | None
    at: datetime | None
    snapshots: Sequence[BackupSnapshot]
    failed: Collection[str]  # ids of snapshots whose check has failed

    def choices(self, cluster: str) -> list[Recovery]:
        """Return from which base backups a cluster can be recovered, the best first; none if the backup has none.

        Raises:
            BackupUnusable: there are some, but WAL is missing after each.

        """
        found = candidates(self.snapshots, cluster, self.at, self.failed)
        wanted = [Recovery(self.vault, one, base, self.stream, self.at) for one, base in found]
        archived = self.vault.segments(cluster) if wanted else ()
        whole, gap = [], None
        for each in wanted:
            try:
                each.segments(archived)
                whole.append(each)
            except BackupUnusable as error:
                gap = gap or error
        if gap is not None and not whole:
            raise gap
        return whole

    @property
    def files(self) -> Sequence[BackupSnapshot]:
        """The snapshots whose files can be used, the newest first."""
        return with_files(self.snapshots, self.at)


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
    checks = vault.checks()
    failed = {one.id for one in snapshots if state_of(one, checks) is BackupState.FAILED}
    chosen = RestorePlan(vault, stream, at, snapshots, failed)
    malls = chosen.choices(MALL)
    if not malls:
        wholes = [base.ended_at for one in snapshots if (base := one.base(MALL)) is not None]
        first = f"; the first moment that it can restore is {_shown(min(wholes))}" if wholes else ""
        raise NoBackup(f"{vault.place.address} has no backup from before that moment{first}")
    if stream is not None:
        _refuse_other_stream(stream, malls[0])
    if (state := state_of(malls[0].snapshot, checks)) is not BackupState.CHECKED:
        report(f"the backup {malls[0].snapshot.id} is {state}; it is checked while it is restored")
    return chosen


def _refuse_other_stream(stream: WalStream, mall: Recovery) -> None:
    """Refuse a folder without the mall's newest WAL: with a disk that is not mounted, or another, the end is lost."""
    timeline = mall.base.last_segment[:8]
    archived = max((name for name in mall.vault.segments(MALL) if name[:8] == timeline), default="")
    newest = max((name for name in stream.segments(MALL) if name[:8] == timeline), default="")
    if newest < max(archived, mall.base.last_segment):
        found = f"no WAL of the mall after {newest}" if newest else "no WAL of the mall"
        raise BackupSettings(
            f"{stream.root} has {found}; expected the folder of `backup setup --stream`, with its disk "
            "mounted. If it is lost, give --from and no --stream: then the last seconds are missing"
        )
    stream.refuse_other(mall.base)


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
    wanted = [each[0] for name in clusters if (each := _possible(chosen, name))]
    needed = sum(each.bytes_needed() for each in wanted) + 2 * chosen.files[0].files.raw_size + _SPARE_BYTES
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise RestoreRefused(f"{existing} has {free / 1e6:,.0f} MB free; expected at least {needed / 1e6:,.0f} MB")


def _possible(chosen: RestorePlan, cluster: str) -> list[Recovery]:
    """Return the choices, also none for a drop that is over and whose WAL has a gap: perhaps nobody needs it."""
    with suppress(BackupUnusable):
        return chosen.choices(cluster)
    return []


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
        if not any(each.name not in {*KEPT, _OF_A_DISK} for each in home.root.iterdir()):
            return None
        runs = any(find(plane_id, folder.path) for folder, plane_id in home.folders())
        if not replace:
            state = "is running" if runs else "is not empty"
            raise RestoreRefused(
                f"{path} {state}; expected an empty or missing folder: choose one with --to, or --replace it"
            )
        if home.root.is_mount():
            raise RestoreRefused(
                f"{path} is a disk of its own, which cannot be kept aside; expected a folder on it, or another one: "
                "choose it with --to, or move what is there away"
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
            for entry in (each for each in root.iterdir() if each.name != _OF_A_DISK):
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        return
    shutil.rmtree(root, ignore_errors=True)
    aside.rename(root)


async def _fill(chosen: RestorePlan, done: Restored, report: Report) -> None:
    home = done.home
    programs = postgres_programs(home.programs)
    malls = chosen.choices(MALL)
    refuse_other_version(malls[0].base, programs)
    await asyncio.to_thread(_lay_files, chosen, done, report)
    if done.aside is not None:
        await asyncio.to_thread(_keep_ledger, done.aside, home, report)
    keep_earlier_address(home.mall.path, f"http://{MALL_HOST}:{read_ports(home.mall.path / 'ports.json')['edge']}")
    report("the mall's database, and the changes after the backup")
    wanted = await asyncio.to_thread(_lay, malls, home.mall.path, programs, done)
    async with recovered(wanted, home.mall.path, programs) as mall:
        report(f"the last change of the mall is of {last_change(home.mall.path) or _shown(wanted.base.ended_at)}")
        await _look_at(wanted, mall, done)
        living = await figures.living(mall)
        there = [one for one in living if await _event(chosen, done, mall, one, report)]
    for folder in home.events():
        if UUID(folder.path.name) not in there:
            await asyncio.to_thread(shutil.rmtree, folder.path)
    (home.mall.path / "recovery.log").unlink(missing_ok=True)


def _lay_files(chosen: RestorePlan, done: Restored, report: Report) -> None:
    home, archive = done.home, done.home.root / f"{RESTORE_MARK}.new"
    for one in chosen.files:
        try:
            chosen.vault.get_part(one, one.files, archive)
            break
        except (BackupUnusable, NoBackup) as error:
            archive.unlink(missing_ok=True)
            if one is chosen.files[-1]:
                raise
            done.warnings.append(f"{error.detail}: keys, pictures and other files are of an older backup")
    report(f"keys, pictures and other files of {_shown(one.ended_at)}")

    def kept(name: PurePosixPath) -> bool:
        return name.parts[0] in _TOPS

    with archive.open("rb") as source:
        unpack(source, home.root, kept)
    archive.unlink()
    if not (home.mall.path / "secrets" / "signing-key.json").is_file():
        raise BackupUnusable(f"the files of {one.id} have no signing key of a mall")


def _keep_ledger(aside: Path, home: Home, report: Report) -> None:
    """Keep the sandbox of the old home, if it has one: it plays another company, which loses nothing with our disk."""
    ledger = PlaneFolder(aside / "sandbox").path
    if not (ledger / "sandbox" / "ledger.sqlite").is_file():
        report("the payment sandbox is as of the backup: payments after it are not in its books")
        return
    shutil.rmtree(home.sandbox.path, ignore_errors=True)
    left = shutil.ignore_patterns("account.json", "pids.json", "supervisor.*", "plane.json", "stopped", "logs")
    shutil.copytree(ledger, home.sandbox.path, symlinks=True, ignore=left)


def _lay(choices: Sequence[Recovery], plane: Path, programs: Path, done: Restored) -> Recovery:
    """Unpack a base backup that is as it was made, and add its WAL. With its WAL an older one leads to the same."""
    passable_folder(plane.parent)
    passable_folder(plane, account_of(plane))
    for wanted in choices:
        try:
            lay_base(wanted, plane, programs)
            break
        except (BackupUnusable, NoBackup) as error:
            if wanted is choices[-1]:
                raise
            shutil.rmtree(plane / "postgres", ignore_errors=True)
            done.warnings.append(f"{error.detail}: an older backup and the changes after it were taken instead")
    add_wal(wanted, plane)
    return wanted


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
    choices = chosen.choices(str(environment_id))
    if not choices or not (plane / "secrets" / "postgres").is_file():
        if choices or plane.exists():
            done.warnings.append(
                f"the plane of environment {environment_id} is not in the backup: it was made after it"
            )
        return False
    report(f"the drop's database of {environment_id}")
    programs = postgres_programs(done.home.programs)
    restored = await recover_drop(choices, plane, programs, done)
    (plane / "recovery.log").unlink(missing_ok=True)
    names = tuple(read_ports(plane / "ports.json"))
    ports = assigned_ports(plane / "ports.json", names, keep=False)
    outputs = {"public_url": f"http://{EVENT_HOST}:{ports['edge']}", "port": str(ports["edge"])}
    await figures.move(mall, environment_id, outputs, restored)
    write_whole(plane / RESTORED_MARK, "")
    return True


async def recover_drop(
    choices: Sequence[Recovery], plane: Path, programs: Path, done: Restored
) -> dict[str, object] | None:
    """Recover a drop's database to the moment, or to its end if its servers were stopped before that moment.

    Return what the mall records of this restore, see `_gap`.
    """
    wanted = await asyncio.to_thread(_lay, choices, plane, programs, done)
    async with AsyncExitStack() as running:
        try:
            cluster = await running.enter_async_context(recovered(wanted, plane, programs))
        except EndsBefore as error:
            done.warnings.append(f"{error.detail}. It is restored to its end")
            await asyncio.to_thread(shutil.rmtree, plane / "postgres")
            latest = [replace(each, at=None) for each in choices]
            wanted = await asyncio.to_thread(_lay, latest, plane, programs, done)
            cluster = await running.enter_async_context(recovered(wanted, plane, programs))
        await _look_at(wanted, cluster, done)
        return await _gap(wanted, cluster, done)


async def _gap(wanted: Recovery, cluster: Cluster, done: Restored) -> dict[str, object] | None:
    """Return what the mall records of this restore: the hand-back gives back what was paid after the copy's end.

    The event plane can write its own database, but not this record.
    """
    told = last_change(cluster.folder.path)
    copied_to = max(wanted.base.ended_at, datetime.fromisoformat(told)) if told else wanted.base.ended_at
    kept = await figures.newest_payments(cluster, copied_to - _LAST_SECONDS, _MOST_KEPT)
    if len(kept) == _MOST_KEPT:
        done.warnings.append(
            f"the drop's database of {cluster.name} has over {_MOST_KEPT} payments of its last seconds; what was paid "
            "after them is not given back by itself"
        )
        return None
    return Restoration(copied_to, datetime.now(UTC), frozenset(kept)).record()


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="seconds")
