"""What `marketday recovery` works with: the account that AWS's own variables name, Terraform here, and a folder."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError

from marketday.cli.recovery import Chosen
from marketday.kit.clock import SystemClock
from marketday.provisioners.recovery.aws import AwsRecovery
from marketday.provisioners.recovery.errors import RecoveryRuns
from marketday.provisioners.recovery.model import RecoveryRecord, RecoverySite, choose_site, report
from marketday.provisioners.recovery.ports import RecoveryWish
from marketday.provisioners.recovery.service import RegionRecovery
from marketday.provisioners.recovery.terraform import LocalStacks
from marketday.provisioners.terraform.errors import NotSetUp


@dataclass(frozen=True, slots=True)
class Opened:
    """Implements `cli.recovery.OpenedRecovery`."""

    site: RecoverySite
    recovery: RegionRecovery
    work: Path
    account: AwsRecovery

    async def unfence(self) -> int:
        """Allow the lost region again."""
        return await self.account.unfence()

    def wish(
        self, lost_at: datetime | None, oldest: timedelta, *, although_it_answers: bool, without: frozenset[str]
    ) -> RecoveryWish:
        """Return what a person asks for."""
        return RecoveryWish(self.site, lost_at, oldest, although_it_answers, without)

    def report(self, record: RecoveryRecord) -> list[str]:
        """Return what the recovery took and lost."""
        return report(record)


@asynccontextmanager
async def open_recovery(home: Path, chosen: Chosen) -> AsyncIterator[Opened]:
    """Open the recovery in a region; nothing is changed.

    Raises:
        WrongRegion: a region cannot be used.
        RecoveryRuns: another recovery works in the same folder, or Terraform of one that was killed.
        NotSetUp, AccessRefused, HostUnavailable: the account cannot be asked.

    """
    site = choose_site(chosen.lost, chosen.here, chosen.copies_to, _known_regions())
    work = (chosen.work or home / "recovery" / site.here).resolve()
    with _held(work) as lock:
        make, clock = _session(site).client, SystemClock()
        number, _ = await AwsRecovery(make, site, clock).identity()
        site = replace(site, account=number)
        account = AwsRecovery(make, site, clock)
        s3 = account.client("s3", site.here)
        stacks = LocalStacks(chosen.repository.resolve(), work, site, account.find, s3, lock=lock)
        yield Opened(site, RegionRecovery(account, stacks, chosen.repository.resolve(), work, clock), work, account)


def _known_regions() -> dict[str, str]:
    """Return the partition of each region that the installed SDK knows."""
    session = boto3.Session(region_name="us-east-1")
    return {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    }


def _session(site: RecoverySite) -> boto3.Session:
    try:
        return boto3.Session(region_name=site.here)
    except BotoCoreError as error:
        raise NotSetUp(f"{error}; expected a profile that boto3 can read") from error


@contextmanager
def _held(work: Path) -> Iterator[int]:
    """Hold the folder. Terraform inherits the lock, so it is held until the last process has ended, however it ends."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(work / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RecoveryRuns(
                f"{work} is held by another `marketday recovery`, or by the Terraform of one that was killed and works "
                "to its end; expected one at a time: wait, then repeat the command"
            ) from None
        yield lock
    finally:
        os.close(lock)
