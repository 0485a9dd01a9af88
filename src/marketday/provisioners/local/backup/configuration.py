"""How the backup of a home is set up: a file in the mall's folder, which is not part of a backup."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from marketday.kit.private import private_folder, write_whole
from marketday.kit.reading import UnreadableFile, read_text
from marketday.provisioners.local.backup.errors import BackupSettings
from marketday.provisioners.local.backup.key import BackupKey, read_key
from marketday.provisioners.local.backup.places import FolderPlace
from marketday.provisioners.local.backup.vault import Vault, open_place
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import BACKUP_FILE

_LARGEST_FILE = 64 * 1024


class BackupPlan(BaseModel):
    """The settings of a home's backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str = Field(description="The place: a folder, or s3://BUCKET/PREFIX.")
    endpoint: str | None = Field(default=None, description="The address of a server that speaks S3's protocol.")
    stream: Path | None = Field(description="The folder for the last seconds of WAL; None if they are not kept apart.")
    key_file: Path
    vault: str = Field(description="The id of the backup: its place takes the WAL of no other home.")
    every_hours: float = Field(default=24, gt=0, le=24 * 31)
    keep: int = Field(default=7, ge=1, le=1000)
    slack_webhook_file: Path | None = None

    @property
    def restore_command(self) -> str:
        """Return the command that restores from this backup, for a message."""
        words = ["marketday", "restore", "--from", self.to]
        words += ["--s3-endpoint", self.endpoint] if self.endpoint else []
        words += ["--stream", str(self.stream)] if self.stream else []
        return shlex.join([*words, "--key-file", str(self.key_file)])


def write_plan(home: Home, plan: BackupPlan | None) -> None:
    """Record the settings; None removes them."""
    file = home.mall.path / BACKUP_FILE
    if plan is None:
        file.unlink(missing_ok=True)
    else:
        write_whole(file, plan.model_dump_json(indent=2))


def read_plan(home: Home) -> BackupPlan | None:
    """Return the settings, or None if no backup is set up.

    Raises:
        BackupSettings: the file was changed or damaged.

    """
    file = home.mall.path / BACKUP_FILE
    if not file.exists():
        return None
    try:
        return BackupPlan.model_validate_json(read_text(file, _LARGEST_FILE))
    except (UnreadableFile, ValidationError) as error:
        raise BackupSettings(f"{file}: {error}; expected what `marketday backup setup` wrote") from None


def require_plan(home: Home) -> BackupPlan:
    """Return the settings; raises BackupSettings if there are none."""
    plan = read_plan(home)
    if plan is None:
        raise BackupSettings(
            f"{home.link} has no backup; set one up with `marketday backup setup --to ... --key-file ...`"
        )
    return plan


def open_vault(plan: BackupPlan) -> Vault:
    """Open the backup of a home.

    Raises:
        BackupError: the place cannot be reached, the key is not right, or the place now belongs to another backup.

    """
    vault = Vault.open(open_place(plan.to, plan.endpoint), read_key(plan.key_file))
    if vault.id != plan.vault:
        raise BackupSettings(f"{plan.to} has the backup of another home; expected the one that was set up here")
    return vault


@dataclass(frozen=True, slots=True)
class Archiver:
    """The folder in which the archiver of a home works, and what it last told."""

    folder: Path

    @property
    def lock(self) -> Path:
        """A file that is locked while a backup, a check, or the removal of old ones runs."""
        return self.folder / "backup.lock"

    def write(self, state: dict[str, object]) -> None:
        """Record the state of protection, for `marketday backup status`."""
        write_whole(self.folder / "state.json", json.dumps(state, indent=2))

    def read(self) -> dict[str, object]:
        """Return what was recorded last; empty if nothing was."""
        try:
            found = json.loads((self.folder / "state.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def archiver_of(home: Home) -> Archiver:
    """Return the archiver's folder; only we may enter it."""
    return Archiver(private_folder(home.mall.path / "archiver"))


def warnings_of(home: Home, plan: BackupPlan, key: BackupKey) -> list[str]:
    """Return what an operator should know: what would be lost together with the mall's disk."""
    own = home.root.stat().st_dev
    found = []
    place = open_place(plan.to, plan.endpoint)
    if isinstance(place, FolderPlace) and place.root.exists() and place.root.stat().st_dev == own:
        found.append(
            f"{plan.to} is on the disk of {home.link}: a lost disk loses both. Use a folder on another disk, or S3"
        )
    if plan.stream is None:
        found.append("without --stream the last minute before a loss is not kept; use a folder on another disk")
    elif plan.stream.exists() and plan.stream.stat().st_dev == own:
        found.append(f"{plan.stream} is on the disk of {home.link}: a lost disk loses the last seconds too")
    if key.file.stat().st_dev == own:
        found.append(
            f"{key.file} is on the disk of {home.link}: keep a copy elsewhere, because without it no backup opens"
        )
    return found
