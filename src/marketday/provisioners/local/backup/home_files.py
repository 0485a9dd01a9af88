"""The files of a home that a backup keeps: keys, ports, pictures, receipts, Valkey's data, and the sandbox's ledger."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from marketday.kit.valkey import connect as connect_valkey
from marketday.provisioners.local.backup.archives import files_below, pack
from marketday.provisioners.local.earlier import EARLIER_FILE
from marketday.provisioners.local.home import Home

_OF_A_PLANE = ("ports.json", "processes.json", EARLIER_FILE)
LEDGER = Path("sandbox") / "sandbox" / "ledger.sqlite"


async def keep_valkey_still(url: str) -> None:
    """Keep the mall's Valkey from rewriting its append-only file, so that its files can be copied while it runs."""
    client = connect_valkey(url)
    try:
        await client.config_set("auto-aof-rewrite-percentage", 0)
    finally:
        await client.aclose()


async def let_valkey_go(url: str) -> None:
    """Let Valkey rewrite its file again, as its default says."""
    client = connect_valkey(url)
    try:
        await client.config_set("auto-aof-rewrite-percentage", 100)
    finally:
        await client.aclose()


def pack_home(home: Home, target: IO[bytes]) -> None:
    """Write the files of the home as a tar stream."""
    with tempfile.TemporaryDirectory(prefix="ledger-", dir=home.mall.path / "archiver") as folder:
        files = [(path, str(path.relative_to(home.root))) for path in _kept(home)]
        ledger, copy = home.root / LEDGER, Path(folder, LEDGER.name)
        if ledger.is_file() and not ledger.is_symlink():
            _copy_ledger(ledger, copy)
            files.append((copy, str(LEDGER)))
        pack(target, files)


def _kept(home: Home) -> Iterator[Path]:
    for folder in (home.mall, home.sandbox, *home.events()):
        yield from (folder.path / name for name in _OF_A_PLANE if (folder.path / name).is_file())
        yield from files_below(folder.path / "secrets")
    yield from files_below(home.mall.path / "media")
    yield from files_below(home.mall.path / "valkey" / "appendonlydir")
    yield from files_below(home.root / "receipts")


def _copy_ledger(source: Path, target: Path) -> None:
    """Copy the database of the sandbox while it is written to."""
    found = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    with closing(found), closing(sqlite3.connect(target)) as copy:
        found.backup(copy)
