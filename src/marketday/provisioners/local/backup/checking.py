"""Checks a snapshot by restoring it: a backup counts only after this."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from marketday.accounts.tokens import load_signing_key, parse_jwks, public_jwks
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.errors import MarketdayError
from marketday.provisioners.local.accounts import account_of, passable_folder
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.archives import unpack
from marketday.provisioners.local.backup.clusters import Cluster
from marketday.provisioners.local.backup.errors import BackupError, BackupFailed
from marketday.provisioners.local.backup.model import MALL, BackupSnapshot, BaseBackup, RestoreCheck
from marketday.provisioners.local.backup.recovery import Recovery, WalStream, lay_cluster, recovered
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.errors import LocalError
from marketday.provisioners.local.home import Home

Report = Callable[[str], None]
_NICE = 15  # shoppers go first
_SPARE_BYTES = 256 * 1024 * 1024


async def check(
    home: Home, vault: Vault, snapshot: BackupSnapshot, stream: WalStream | None, report: Report
) -> RestoreCheck:
    """Restore a snapshot with all WAL after it into a temporary folder of `home`, compare, and record the result.

    Nothing of the home is touched. What is wrong with the backup is a problem of the result. Raised is only what says
    nothing about the backup: no space for the check, or a place that does not answer.

    Raises:
        BackupFailed: the check could not be made; the snapshot stays as it was.

    """
    problems: list[str] = []
    facts: dict[str, int | str] = {}
    async with _temporary(home) as place:
        try:
            await asyncio.to_thread(_lay_files, vault, snapshot, place)
            for base in snapshot.bases:
                report(f"{base.cluster}: restoring")
                await _check_cluster(home, Recovery(vault, snapshot, base, stream, None, _NICE), place, problems, facts)
        except BackupFailed:
            raise
        except (BackupError, LocalError) as error:
            problems.append(error.detail)
    result = RestoreCheck(snapshot=snapshot.id, at=datetime.now(UTC), problems=problems, facts=facts)
    await asyncio.to_thread(vault.put_check, result)
    return result


@asynccontextmanager
async def _temporary(home: Home) -> AsyncIterator[Path]:
    """Make a folder in the home, which the temporary servers' account can enter, and remove it afterwards."""
    above = passable_folder(home.checks)
    for left in above.iterdir():  # of a check that was killed
        await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix="check-", dir=above))
    passable_folder(place)
    try:
        yield place
    finally:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


def _lay_files(vault: Vault, snapshot: BackupSnapshot, place: Path) -> None:
    archive = place / "files.tar"
    vault.get_part(snapshot, snapshot.files, archive)
    with archive.open("rb") as source:
        unpack(source, place)
    archive.unlink()


async def _check_cluster(
    home: Home, wanted: Recovery, place: Path, problems: list[str], facts: dict[str, int | str]
) -> None:
    base = wanted.base
    plane = place / "mall" if base.cluster == MALL else place / "environments" / base.cluster
    passable_folder(plane.parent)
    passable_folder(plane, account_of(plane))
    needed, free = await asyncio.to_thread(wanted.bytes_needed), shutil.disk_usage(place).free
    if free < needed + _SPARE_BYTES:
        raise BackupFailed(
            f"{home.link} has {free / 1e6:,.0f} MB free; expected {needed / 1e6:,.0f} MB to check a restore"
        )
    programs = postgres_programs(home.programs)
    await asyncio.to_thread(lay_cluster, wanted, plane, programs)
    async with recovered(wanted, plane, programs) as cluster:
        problems += [f"{base.cluster}: {line}" for line in await compare(cluster, base)]
        facts[f"{base.cluster} orders"] = base.witness.orders
        if base.cluster == MALL:
            problems += await _check_receipts(cluster, plane / "secrets" / "signing-key.json")
    await asyncio.to_thread(shutil.rmtree, plane / "postgres")  # room for the next cluster


async def compare(cluster: Cluster, base: BaseBackup) -> list[str]:
    """Return what differs between a recovered database and what was noted of it, and which sums do not hold."""
    found = await figures.read_witness(cluster, base.witness.until)
    wrong = []
    if found != base.witness:
        wrong.append(
            f"{found.orders} orders, {dict(found.sums)}, SHA-256 {found.sha256[:9]} before {base.witness.until:%H:%M}; "
            f"expected {base.witness.orders}, {dict(base.witness.sums)} and {base.witness.sha256[:9]}"
        )
    return wrong + await figures.broken_sums(cluster)


async def _check_receipts(cluster: Cluster, key_file: Path) -> list[str]:
    """Return the receipts that the mall's own key has not signed."""
    try:
        verifier = ReceiptVerifier(parse_jwks({"keys": public_jwks(load_signing_key(key_file), "")["keys"]}))
    except (OSError, ValueError) as error:
        return [f"the mall's signing key: {error}"]
    wrong = []
    for environment_id, token in await figures.receipts(cluster):
        try:
            verifier.check(token, environment_id)
        except MarketdayError as error:
            wrong.append(f"the receipt of {environment_id}: {error}")
    return wrong
