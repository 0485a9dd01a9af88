"""Migrations: the `.sql` files of a folder, each applied once, in two halves.

- **expand**, `0012_name.sql`: applied before the services of the new version start. Services of the old version still
  run, so it only adds things; a test checks that.
- **contract**, `0012_name.contract.sql`: applied when all services run the new version. It removes what only the old
  version needed.

The database keeps the SHA-256 of each applied file, so that we find a file that was changed afterwards.
"""

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncpg

from marketday.kit.connections import Connection
from marketday.kit.database import connect
from marketday.kit.errors import Kind, Permanent, Temporary

_LOCK = 0x6D61726B657464  # "marketd": one migrator at a time on a database
_TURN_SECONDS = 300  # wait for the migrator before us
_TABLE_SECONDS = 4  # wait for a table that services use: they wait behind us, and give up after five seconds
_KEEP_BOOKS = """
    CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
    ALTER TABLE migrations ADD COLUMN IF NOT EXISTS sha256 text  -- NULL: applied before it was kept
"""
_SEEN = "SELECT name, to_jsonb(one) ->> 'sha256' AS sha256 FROM migrations AS one"  # also without the column


class Half(StrEnum):
    """When a migration runs: before or after the services of its version start."""

    EXPAND = "expand"
    CONTRACT = "contract"


class MigrationState(StrEnum):
    """The state of a migration in a database."""

    APPLIED = "applied"
    PENDING = "pending"
    CHANGED = "changed"  # applied, but its file was changed afterwards
    NO_FILE = "no file"  # applied by another version


class MigrationChanged(Permanent):
    """A migration was changed after it was applied."""

    kind = Kind.CONFLICT
    slug = "migration-changed"


class MigrationTooEarly(Permanent):
    """A migration was requested too early."""

    kind = Kind.CONFLICT
    slug = "migration-too-early"


class DatabaseIsNewer(Permanent):
    """The database belongs to a newer version."""

    kind = Kind.CONFLICT
    slug = "database-is-newer"


class MigrationBusy(Temporary):
    """Something that a migration needs is in use."""

    slug = "migration-busy"


@dataclass(frozen=True, slots=True)
class Migration:
    """A file and its text."""

    name: str
    text: str

    @property
    def half(self) -> Half:
        """The half that it belongs to."""
        return half_of(self.name)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its text, which the database keeps."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def state(self, seen: Mapping[str, str | None]) -> MigrationState:
        """Return its state in a database that has `seen` these names, with their SHA-256."""
        if self.name not in seen:
            return MigrationState.PENDING
        return MigrationState.APPLIED if seen[self.name] in (None, self.sha256) else MigrationState.CHANGED


def half_of(name: str) -> Half:
    """Return the half of a migration, which the name of its file shows."""
    return Half.CONTRACT if name.endswith(".contract.sql") else Half.EXPAND


def read_migrations(folder: Path) -> list[Migration]:
    """Return the migrations of a folder, in the order of their names."""
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise FileNotFoundError(f"no migration in {folder}; expected files such as 0001_shop.sql")
    return [Migration(file.name, file.read_text("utf-8")) for file in files]


async def migrate(url: str, folder: Path, halves: Collection[Half] = tuple(Half)) -> list[str]:
    """Apply the migrations of `halves` that the database has not seen; return their names.

    Expand comes before contract. A new database has no old version, so it always gets both halves. Each file is one
    transaction. A repeated call applies nothing; a call at the same time waits for its turn.

    Raises:
        MigrationChanged: the file of an applied migration was changed; nothing is applied.
        MigrationTooEarly: only contract is requested, but an expand is pending; nothing is applied.
        DatabaseIsNewer: a newer version has removed what this version may need; nothing is applied.
        MigrationBusy: another migrator or a service holds a lock for too long.

    """
    migrations = read_migrations(folder)
    async with _turn(url) as connection:
        await connection.execute(_KEEP_BOOKS)
        seen = await _seen(connection)
        _refuse_changed(migrations, seen)
        _refuse_newer(migrations, seen)
        keep = [(one.name, one.sha256) for one in migrations if seen.get(one.name, "") is None]
        await connection.executemany("UPDATE migrations SET sha256 = $2 WHERE name = $1", keep)
        wanted = _wanted(migrations, seen, halves)
        for migration in wanted:
            await _apply(connection, migration)
    return [migration.name for migration in wanted]


async def migration_states(url: str, folder: Path) -> dict[str, MigrationState]:
    """Return the state of each migration in the database, by its name; nothing is changed."""
    connection = await connect(url, application="migrate")
    try:
        known = await connection.fetchval("SELECT to_regclass('migrations') IS NOT NULL")
        seen = await _seen(connection) if known else {}
    finally:
        await connection.close()
    states = {one.name: one.state(seen) for one in read_migrations(folder)}
    return dict(sorted((dict.fromkeys(seen, MigrationState.NO_FILE) | states).items()))


@asynccontextmanager
async def _turn(url: str) -> AsyncIterator[Connection]:
    """Yield the only connection that may migrate now; when it ends for any reason, the next migrator can start."""
    connection = await connect(url, application="migrate")
    try:
        await connection.execute(f"SET lock_timeout = '{_TURN_SECONDS}s'")
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        except asyncpg.LockNotAvailableError:
            late = f"another migration is running; expected its end within {_TURN_SECONDS} s. Repeat this one after it"
            raise MigrationBusy(late) from None
        await connection.execute(f"SET lock_timeout = '{_TABLE_SECONDS}s'")
        yield connection
    finally:
        await connection.close()


async def _seen(connection: Connection) -> dict[str, str | None]:
    return {row["name"]: row["sha256"] for row in await connection.fetch(_SEEN)}


def _refuse_changed(migrations: Sequence[Migration], seen: Mapping[str, str | None]) -> None:
    for migration in migrations:
        if migration.state(seen) is MigrationState.CHANGED:
            raise MigrationChanged(
                f"{migration.name} has the SHA-256 {migration.sha256}; expected {seen[migration.name]}, the one that "
                "was applied. Restore the file, and write the change into a new file"
            )


def _refuse_newer(migrations: Sequence[Migration], seen: Mapping[str, str | None]) -> None:
    """Refuse a database whose contract half a newer version has applied; its expand half does this version no harm."""
    unknown = sorted(set(seen) - {migration.name for migration in migrations})
    if contracted := next((name for name in unknown if half_of(name) is Half.CONTRACT), None):
        raise DatabaseIsNewer(
            f"a newer version applied {contracted}, which removed what earlier versions used; expected that version or "
            "one after it. To go back, restore the database as it was before"
        )


def _wanted(
    migrations: Sequence[Migration], seen: Mapping[str, str | None], halves: Collection[Half]
) -> list[Migration]:
    pending = [migration for migration in migrations if migration.name not in seen]
    first = next((migration.name for migration in pending if migration.half is Half.EXPAND), None)
    if first and Half.EXPAND not in halves:
        raise MigrationTooEarly(f"{first} is pending; expected the phase expand and the services' new version first")
    taken = halves if seen else tuple(Half)
    return [migration for half in Half if half in taken for migration in pending if migration.half is half]


async def _apply(connection: Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.text)
            await connection.execute(
                "INSERT INTO migrations (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256
            )
    except asyncpg.LockNotAvailableError:
        late = f"{migration.name}: a table that it changes is in use; expected to have it within {_TABLE_SECONDS} s"
        raise MigrationBusy(f"{late}. Nothing of it is done; repeat it") from None
    except asyncpg.PostgresError as error:
        error.add_note(f"migration {migration.name}; nothing of it is done")
        raise
