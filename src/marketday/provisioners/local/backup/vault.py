"""A backup's content by meaning: snapshots, archived WAL and checks, each sealed with the key under its own name."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from marketday.kit.ids import new_id
from marketday.provisioners.local.backup.errors import BackupSettings, BackupUnusable, NoBackup
from marketday.provisioners.local.backup.key import BackupKey, hashing
from marketday.provisioners.local.backup.model import (
    SEGMENT_BYTES,
    BackupPart,
    BackupSnapshot,
    RestoreCheck,
    is_segment,
    is_snapshot_id,
)
from marketday.provisioners.local.backup.places import BackupPlace, FolderPlace
from marketday.provisioners.local.backup.s3 import open_bucket

MARK = "marketday-backup"
_Model = TypeVar("_Model", bound=BaseModel)


class VaultMark(BaseModel):
    """Which home's life a place belongs to, sealed: a place takes the WAL of one life only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vault: str


class Readable(Protocol):
    """What can be read to its end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Vault:
    """A place with its key."""

    place: BackupPlace
    key: BackupKey
    id: str

    @classmethod
    def make(cls, place: BackupPlace, key: BackupKey) -> Self:
        """Begin a backup in an empty place.

        Raises:
            BackupSettings: something is there already.

        """
        if found := place.names(""):
            raise BackupSettings(
                f"{place.address} has files ({found[0]}); expected an empty folder or prefix: each home, and a home "
                "that was restored, has a backup of its own"
            )
        mark = VaultMark(vault=str(new_id()))
        vault = cls(place, key, mark.vault)
        vault._put(MARK, mark)
        return vault

    @classmethod
    def open(cls, place: BackupPlace, key: BackupKey) -> Self:
        """Open a backup.

        Raises:
            NoBackup: there is none.
            BackupUnusable: the key is another one, or its mark was altered.

        """
        try:
            content = place.read(MARK)
        except NoBackup:
            raise NoBackup(
                f"{place.address} has no backup of Marketday; expected the place of `backup setup --to`"
            ) from None
        return cls(place, key, VaultMark.model_validate_json(key.unseal(MARK, content)).vault)

    # Snapshots

    def snapshots(self) -> list[BackupSnapshot]:
        """Return the finished snapshots that can be read, the oldest first."""
        return self.look()[0]

    def look(self) -> tuple[list[BackupSnapshot], list[str]]:
        """Return the finished snapshots, the oldest first, and what is wrong with manifests that cannot be used."""
        names = [name for name in self.place.names("snapshots") if name.endswith("/manifest")]
        found: list[BackupSnapshot] = []
        problems = []
        for snapshot_id in (name.removesuffix("/manifest") for name in names):
            try:
                found.append(self.snapshot(snapshot_id))
            except (BackupUnusable, NoBackup) as error:
                problems.append(error.detail)
        return sorted(found, key=lambda one: one.ended_at), problems

    def snapshot(self, snapshot_id: str) -> BackupSnapshot:
        """Return a snapshot; raises NoBackup if there is none or it was interrupted."""
        name = f"snapshots/{snapshot_id}/manifest"
        if not is_snapshot_id(snapshot_id):
            raise NoBackup(f"{snapshot_id!r} is not the id of a backup; `marketday backup list` shows them")
        return self._get(name, BackupSnapshot)

    def put_part(self, snapshot_id: str, name: str, source: "Readable") -> BackupPart:
        """Compress and encrypt a stream as a part of a snapshot."""
        counted = _Compressing(source)
        found: list[tuple[str, int]] = []

        def write(target: IO[bytes]) -> None:
            watched = _Hashing(target)
            self.key.encrypt(counted, watched)
            found.append((watched.digest.hexdigest(), watched.size))

        self.place.put(f"snapshots/{snapshot_id}/{name}", write)
        sha256, size = found[-1]
        return BackupPart(name=name, size=size, sha256=sha256, raw_size=counted.size)

    def get_part(self, snapshot: BackupSnapshot, part: BackupPart, target: Path) -> None:
        """Write a part, decrypted and decompressed, into a new file, after its SHA-256 was compared.

        Raises:
            BackupUnusable: it was altered or cut off; nothing of it is used.

        """
        name = f"snapshots/{snapshot.id}/{part.name}"
        packed = target.with_name(f"{target.name}.packed")
        try:
            with self.place.stream(name) as source, packed.open("xb") as whole:
                sha256, _ = hashing(source, whole.write, part.size)
            if sha256 != part.sha256:
                raise BackupUnusable(
                    f"{self.place.address}/{name} was altered or cut off: its SHA-256 is not in the manifest"
                )
            with packed.open("rb") as source, target.open("xb") as plain:
                self.key.decrypt(name, source, _Expanding(plain))
        finally:
            packed.unlink(missing_ok=True)

    def put_snapshot(self, snapshot: BackupSnapshot) -> None:
        """Write the manifest: from now on the snapshot exists."""
        self._put(f"snapshots/{snapshot.id}/manifest", snapshot)

    def remove_snapshot(self, snapshot_id: str) -> None:
        """Remove a snapshot, its manifest first."""
        folder = f"snapshots/{snapshot_id}"
        names = sorted(self.place.names(folder), key=lambda name: name != "manifest")
        self.place.remove([f"{folder}/{name}" for name in names])

    def unfinished(self) -> list[str]:
        """Return the ids of snapshots that were interrupted: half files are no backup."""
        names = self.place.names("snapshots")
        finished = {name.partition("/")[0] for name in names if name.endswith("/manifest")}
        return sorted({name.partition("/")[0] for name in names} - finished)

    # WAL

    def segments(self, cluster: str) -> Sequence[str]:
        """Return the names of the archived segments of a cluster."""
        return [name for name in self.place.names(f"wal/{cluster}") if is_segment(name)]

    def clusters(self) -> Sequence[str]:
        """Return the names of the clusters that have archived WAL."""
        return sorted({name.partition("/")[0] for name in self.place.names("wal")})

    def put_segment(self, cluster: str, segment: str, content: bytes) -> None:
        """Archive a segment of WAL."""
        name = f"wal/{cluster}/{segment}"
        sealed = self.key.seal(self._sealed_as(name), gzip.compress(content, 1, mtime=0))
        self.place.put(name, lambda target: _all(target, sealed))

    def segment(self, cluster: str, segment: str) -> bytes:
        """Return an archived segment; raises BackupUnusable if it was altered, cut off or renamed."""
        name = f"wal/{cluster}/{segment}"
        try:
            with gzip.open(io.BytesIO(self.key.unseal(self._sealed_as(name), self.place.read(name)))) as source:
                content = source.read(SEGMENT_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BackupUnusable(f"{self.place.address}/{name} cannot be decompressed: {error}") from None
        if len(content) != SEGMENT_BYTES:
            raise BackupUnusable(f"{self.place.address}/{name} has {len(content)} bytes; expected {SEGMENT_BYTES}")
        return content

    def remove_segments(self, cluster: str, segments: Sequence[str]) -> None:
        """Remove archived segments."""
        self.place.remove([f"wal/{cluster}/{segment}" for segment in segments])

    # Checks

    def checks(self) -> dict[str, RestoreCheck]:
        """Return the newest result of the check of each snapshot, by its id."""
        found = {}
        for name in self.place.names("checks"):
            with suppress(BackupUnusable, NoBackup):  # an altered result counts as none
                found[name] = self._get(f"checks/{name}", RestoreCheck)
        return found

    def put_check(self, check: RestoreCheck) -> None:
        """Record the result of a check."""
        self._put(f"checks/{check.snapshot}", check)

    def _sealed_as(self, name: str) -> str:
        """Return the name under which a file is sealed: a file of another backup with the same key is not taken."""
        return name if name == MARK else f"{name} of {self.id}"

    def _put(self, name: str, value: BaseModel) -> None:
        sealed = self.key.seal(self._sealed_as(name), value.model_dump_json(indent=2).encode())
        self.place.put(name, lambda target: _all(target, sealed))

    def _get(self, name: str, model: type[_Model]) -> _Model:
        content = self.key.unseal(self._sealed_as(name), self.place.read(name))
        try:
            return model.model_validate_json(content)
        except ValidationError as error:
            raise BackupUnusable(f"{self.place.address}/{name} is of another version of Marketday: {error}") from None


def open_place(address: str, endpoint: str | None = None) -> BackupPlace:
    """Return the place that an operator names: a folder, or `s3://bucket/prefix`.

    Raises:
        BackupSettings: the address is not right.

    """
    if address.startswith("s3://"):
        return open_bucket(address, endpoint)
    if "://" in address:
        raise BackupSettings(f"{address!r} is not known; expected a folder, or s3://BUCKET/PREFIX")
    return FolderPlace(Path(address).absolute())


def _all(target: IO[bytes], content: bytes) -> None:
    target.write(content)


class _Compressing(io.RawIOBase):
    """Reads a stream as gzip."""

    def __init__(self, source: "Readable") -> None:
        self._source, self._packer, self._ready = source, zlib.compressobj(1, wbits=31), b""
        self._ended = False
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            block = self._source.read(1 << 18)
            self.size += len(block)
            self._ended = not block
            self._ready = self._packer.compress(block) if block else self._packer.flush()
        given = self._ready[: len(buffer)]
        buffer[: len(given)] = given
        self._ready = self._ready[len(given) :]
        return len(given)


class _Expanding:
    """Writes gzip as what it was."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self._opener = target, zlib.decompressobj(wbits=31)

    def write(self, data: bytes) -> int:
        self._target.write(self._opener.decompress(data))
        return len(data)

    def flush(self) -> None:
        self._target.flush()


class _Hashing:
    """Counts and hashes what is written."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self.digest, self.size = target, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._target.write(data)

    def flush(self) -> None:
        self._target.flush()
