"""What the commands `backup` and `restore` do with a home of this machine."""

import asyncio
import os
import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from marketday.cli.backup import BackupWish, ListedBackup, RestoreWish
from marketday.provisioners.local.backup.clusters import clusters_of
from marketday.provisioners.local.backup.configuration import (
    BackupPlan,
    archiver_of,
    open_vault,
    read_plan,
    require_plan,
    warnings_of,
    write_plan,
)
from marketday.provisioners.local.backup.errors import BackupSettings, NoBackup
from marketday.provisioners.local.backup.key import BackupKey, make_key, read_key
from marketday.provisioners.local.backup.model import BackupSnapshot, BackupState, RestoreCheck, state_of
from marketday.provisioners.local.backup.places import BackupPlace, FolderPlace
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.backup.restoring import Restored, plan, restore
from marketday.provisioners.local.backup.rounds import alone, back_up, check_told, work_behind_others
from marketday.provisioners.local.backup.streaming import forget
from marketday.provisioners.local.backup.vault import Vault, open_place
from marketday.provisioners.local.binaries import require_servers
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import Home, find_home
from marketday.provisioners.local.mall_plane import read_mall, start_mall

Report = Callable[[str], None]
_STALE = timedelta(seconds=30)  # the archiver records its state each second
_LATE = 1.5  # times the schedule: then the newest checked backup is too old


def new_key(path: Path, file: Path) -> BackupKey:
    """Make a key outside of the home `path`; raises BackupSettings if the file exists, or is inside."""
    if path.exists() and file.absolute().resolve().is_relative_to(path.resolve()):
        raise BackupSettings(f"{file} is inside the home, and would be lost with it; expected it elsewhere")
    return make_key(file.absolute())


async def set_up(path: Path, wish: BackupWish, report: Report) -> None:
    """Record how a home is backed up, and start its archiver if the mall runs. Repeating it changes the settings.

    Raises:
        BackupError: the key, the place or the stream's folder cannot be used; nothing is changed.

    """
    home = find_home(path)
    _refuse_no_mall(home)
    key_file = wish.key_file.absolute()
    key = read_key(key_file)
    stream = None if wish.stream is None else wish.stream.absolute()
    _refuse_nested(home, wish.to, stream, key_file)
    _refuse_own_credentials(wish.to, os.environ)
    place = open_place(wish.to, wish.endpoint)
    with hold_home(home, "marketday backup setup"):
        if isinstance(place, FolderPlace):
            _make_own(place.root)
        if stream is not None:
            _make_own(stream)
            _refuse_used(home, stream)
        vault = await asyncio.to_thread(_vault_of, home, place, key)
        chosen = BackupPlan(
            to=place.address,
            endpoint=wish.endpoint,
            stream=stream,
            key_file=key_file,
            vault=vault.id,
            every_hours=wish.every_hours,
            keep=wish.keep,
            slack_webhook_file=None if wish.slack_webhook_file is None else wish.slack_webhook_file.absolute(),
        )
        write_plan(home, chosen)
        for line in warnings_of(home, chosen, key):
            report(f"warning: {line}")
        report(f"key      {key_file}: it decrypts. Keep a copy elsewhere: without it no backup can be read")
        report(f"restore  {chosen.restore_command}")
        if home.mall.is_watched():
            await start_mall(home)
            report("the archiver runs: it makes and checks the first backup now; `marketday backup status` shows it")
        else:
            report("the mall does not run: the archiver starts with `marketday up`")


async def turn_off(path: Path, report: Report) -> None:
    """End the archiver; the backups stay where they are."""
    home = find_home(path)
    with hold_home(home, "marketday backup off"):
        write_plan(home, None)
        if home.mall.is_watched():
            await start_mall(home)
            for cluster in clusters_of(home):
                await forget(cluster)
    report("no backups are made any more; those that were made stay")


async def run(path: Path, report: Report) -> tuple[BackupSnapshot, RestoreCheck]:
    """Make and check a backup now."""
    home, chosen = _planned(path)
    work_behind_others()
    async with alone(home):
        vault = await asyncio.to_thread(open_vault, chosen)
        report(f"key {chosen.key_file}: it decrypts")
        return await back_up(home, chosen, vault, report)


async def check_one(path: Path, snapshot_id: str | None, report: Report) -> RestoreCheck:
    """Check a backup by a restore; by default the newest of the whole home."""
    home, chosen = _planned(path)
    work_behind_others()
    async with alone(home):
        vault = await asyncio.to_thread(open_vault, chosen)
        if snapshot_id is None:
            wholes = [one for one in await asyncio.to_thread(vault.snapshots) if one.whole]
            if not wholes:
                raise NoBackup(f"{chosen.to} has no finished backup; make one with `marketday backup run`")
            snapshot = wholes[-1]
        else:
            snapshot = await asyncio.to_thread(vault.snapshot, snapshot_id)
        return await check_told(home, chosen, vault, snapshot, report)


def listed(path: Path) -> tuple[list[ListedBackup], list[str]]:
    """Return the backups of a home, the oldest first, and what is wrong with files that cannot be read."""
    _, chosen = _planned(path)
    vault = open_vault(chosen)
    snapshots, problems = vault.look()
    checks = vault.checks()
    rows = []
    for one in snapshots:
        check = checks.get(one.id)
        size = one.files.size + sum(base.part.size for base in one.bases)
        what = "mall" if one.whole else "drop"
        drops = len(one.bases) - one.whole
        whole = f"{what}, {drops} of drops" if one.whole and drops else what
        rows.append(
            ListedBackup(
                one.id,
                one.ended_at,
                whole,
                size,
                str(state_of(one, checks)),
                check.at if check else None,
                check.problems if check else (),
            )
        )
    unfinished = [f"{one} was interrupted or is being made; it is no backup" for one in vault.unfinished()]
    altered = sorted(set(vault.place.names("checks")) - set(checks))
    unread = [f"checks/{one} was altered: the backup counts as unchecked" for one in altered]
    return rows, [*problems, *unfinished, *unread]


def status(path: Path) -> tuple[list[str], bool]:
    """Return, as lines, how a home is protected now, and whether all is as it should be."""
    home, chosen = _planned(path)
    key = read_key(chosen.key_file)
    told = archiver_of(home).read()
    lines = [f"place    {chosen.to}", f"key      {chosen.key_file}: it decrypts"]
    lines += [f"warning  {line}" for line in warnings_of(home, chosen, key)]
    now, good = datetime.now(UTC), True
    at = datetime.fromisoformat(str(told["at"])) if "at" in told else None
    if at is None or now - at > _STALE or not home.mall.is_watched():
        lines.append("archiver does not run; `marketday up` starts it")
        good = False
    if good and told.get("stream") != str(chosen.stream):
        lines.append("archiver does not have the newest settings yet")
        good = False
    clusters = told.get("clusters", {})
    for name, one in clusters.items() if good and isinstance(clusters, dict) else ():
        kept = bool(one["protected"])
        good = good and kept
        since = datetime.fromisoformat(one["since"])
        words = (
            "each commit is on the second disk before it is told"
            if kept
            else f"NOT on the second disk: {one['reason']}"
        )
        lines.append(f"{name:8} {words}, since {since:%Y-%m-%d %H:%M:%S} UTC")
    failures = told.get("failures", {})
    for what, why in failures.items() if isinstance(failures, dict) else ():
        good = False
        lines.append(f"failed   {what}: {why}")
    return [*lines, *_newest(chosen, now)], good and not any("no checked" in line for line in _newest(chosen, now))


def _newest(chosen: BackupPlan, now: datetime) -> list[str]:
    vault = open_vault(chosen)
    checks = vault.checks()
    good = [one for one in vault.snapshots() if one.whole and state_of(one, checks) is BackupState.CHECKED]
    if not good:
        return ["backup   no checked backup yet"]
    hours = (now - good[-1].ended_at).total_seconds() / 3600
    late = "; no checked backup in time" if hours > chosen.every_hours * _LATE else ""
    return [f"backup   {good[-1].id} is checked, {hours:.1f} hours old{late}"]


async def restore_home(path: Path, wish: RestoreWish, report: Report) -> Restored:
    """Restore a home; `path` is the home of this command, where it goes unless `wish.to` names another folder."""
    require_servers()
    found = _plan_at(path) if wish.place is None else None
    if wish.place is None and found is None:
        raise BackupSettings(f"{path} has no settings of a backup; expected --from and --key-file")
    address = wish.place or (found.to if found else "")
    key_file = wish.key_file or (found.key_file if found else None)
    if key_file is None:
        raise BackupSettings("expected --key-file, the file with the key of the backup")
    stream_folder = wish.stream or (found.stream if found else None)
    endpoint = wish.endpoint or (found.endpoint if found else None)
    if stream_folder is not None and not stream_folder.is_dir():
        raise BackupSettings(
            f"{stream_folder} is missing; expected the folder of `backup setup --stream`, or no --stream"
        )
    place = open_place(address, endpoint)
    vault = await asyncio.to_thread(Vault.open, place, read_key(key_file))
    stream = None if stream_folder is None else WalStream(stream_folder.resolve())
    chosen = await asyncio.to_thread(plan, vault, stream, wish.at, datetime.now(UTC), report)
    return await restore(chosen, wish.to or path, report, replace=wish.replace)


def _plan_at(path: Path) -> BackupPlan | None:
    try:
        return read_plan(find_home(path))
    except Exception:  # noqa: BLE001 - the home is lost or damaged: the options have to say it
        return None


def _planned(path: Path) -> tuple[Home, BackupPlan]:
    home = find_home(path)
    return home, require_plan(home)


def _refuse_no_mall(home: Home) -> None:
    try:
        read_mall(home)
    except NotOurs as error:
        raise BackupSettings(f"{error.detail}; start one with `marketday up`") from None


def _vault_of(home: Home, place: BackupPlace, key: BackupKey) -> Vault:
    """Open the backup that this home has there, or begin one in an empty place."""
    try:
        vault = Vault.open(place, key)
    except NoBackup:
        return Vault.make(place, key)
    known = read_plan(home)
    if known is None or known.vault != vault.id:
        raise BackupSettings(
            f"{place.address} has a backup of another home, or of this one before it was restored; "
            "expected an empty place"
        )
    return vault


def _refuse_nested(home: Home, to: str, stream: Path | None, key_file: Path) -> None:
    folders = {
        "--to": None if to.startswith("s3://") else Path(to).absolute().resolve(),
        "--stream": stream and stream.resolve(),
    }
    for name, folder in folders.items():
        if folder is None:
            continue
        if folder.is_relative_to(home.root) or home.root.is_relative_to(folder):
            raise BackupSettings(f"{name} {folder} and the home {home.root} are nested; expected another disk")
        if key_file.resolve().is_relative_to(folder):
            raise BackupSettings(
                f"the key {key_file} is inside {name} {folder}; expected it elsewhere: it opens all that is there"
            )
    if key_file.resolve().is_relative_to(home.root):
        raise BackupSettings(f"the key {key_file} is inside the home, and would be lost with it; expected it elsewhere")
    own, other = folders.values()
    if own is not None and other is not None and (own.is_relative_to(other) or other.is_relative_to(own)):
        raise BackupSettings("--to and --stream are inside each other; expected two folders")


def _refuse_own_credentials(to: str, environment: Mapping[str, str]) -> None:
    """Refuse credentials that only this command has: no process of a plane gets them by environment variables."""
    found = [
        name for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE") if name in environment
    ]
    if to.startswith("s3://") and found:
        raise BackupSettings(
            f"{found[0]} is set, but the archiver gets no environment variables; expected credentials in "
            "~/.aws/credentials, or a role of this machine. Put them there, and unset the variable"
        )


def _refuse_used(home: Home, stream: Path) -> None:
    """Refuse the WAL of an earlier backup: a receiver would ask for what follows it, which no database has any more."""
    known = read_plan(home)
    used = [each.name for each in stream.iterdir() if each.name != "lost+found"]
    if used and (known is None or known.stream != stream):
        raise BackupSettings(
            f"{stream} has files ({used[0]}), perhaps the last seconds of an earlier backup; expected an empty "
            "folder: choose another, and remove this one when nothing has to be restored from it"
        )


def _make_own(folder: Path) -> None:
    """Make a folder that only we can use; refuse one that others can change."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise BackupSettings(
            f"{folder}: {error.strerror}; expected a folder that this account may make or write"
        ) from None
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise BackupSettings(f"others can change {folder}; expected a folder of this account with mode 0700")
    folder.chmod(0o700)
