"""What is kept of the last release under tests/releases/VERSION: its wheel, and dumps of a small shop that it ran.

Only the last release is kept: the next one upgrades from it and from no other. The wheel is here and not in git's
history, because a machine that tests may have a shallow clone. Its dependencies are those of the present locks.
"""

import base64
import json
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.stage import ROOT, Stopped
from redis import Redis
from release.version import numbers

FOLDER = ROOT / "tests" / "releases"
MOST_BYTES = 200_000  # of a dump
_RESTRICTED = "--restrict-key=marketday"  # psql's word against a dump that lies; pg_dump would take another each time
_DUMP = ("--no-owner", "--no-comments", "--inserts", "--rows-per-insert=100", "--encoding=UTF8", _RESTRICTED)
_LIMIT_SECONDS = 120
_TEXT_TOKEN, _JSON_TOKEN = re.compile(r"'eyJ[\w.-]+'"), re.compile(r'"eyJ[\w.-]+"')
_AS_TEXT, _AS_JSON = r"\x65yJ", r"\u0065yJ"


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder of a kept release."""

    folder: Path

    @property
    def version(self) -> str:
        """The release's version."""
        return self.folder.name

    @property
    def wheel(self) -> Path:
        """The wheel."""
        return self.folder / f"marketday-{self.version}-py3-none-any.whl"

    @property
    def facts(self) -> dict[str, Any]:
        """Keys and tokens of the shop, all made for it alone, and who did what."""
        facts: dict[str, Any] = json.loads((self.folder / "shop.json").read_text("utf-8"))
        return facts

    def code(self, folder: Path) -> Path:
        """Unpack the wheel into `folder`, from which its modules can be run."""
        with zipfile.ZipFile(self.wheel) as wheel:
            wheel.extractall(folder)
        return folder


def last_release(folder: Path = FOLDER) -> Kept:
    """Return the release that is kept; stop unless there is exactly one."""
    found = sorted(each for each in folder.iterdir() if each.is_dir() and each.name[0].isdigit())
    if len(found) != 1:
        raise Stopped(f"{len(found)} releases are kept in {folder.name}; expected the last one alone")
    numbers(found[0].name)
    return Kept(found[0])


def dump_database(programs: Path, url: str, file: Path) -> None:
    """Write a database as SQL. A token of ours is written so that no search for secrets takes it for one in use."""
    text = _run(programs / "pg_dump", *_DUMP, url)
    text = _TEXT_TOKEN.sub(lambda found: f"E{found[0].replace('eyJ', _AS_TEXT)}", text)
    file.write_text(_JSON_TOKEN.sub(lambda found: found[0].replace("eyJ", _AS_JSON), text), "utf-8")


def restore_database(programs: Path, url: str, file: Path) -> None:
    """Fill an empty database."""
    quiet = ("--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    _run(programs / "psql", *quiet, f"--file={file}", url)


def dump_room(url: str, file: Path) -> None:
    """Write every key of a Valkey, each as its DUMP, which later versions of Valkey can restore."""
    with Redis.from_url(url) as client:
        keys = sorted(client.scan_iter(count=1000))
        kept = {key.decode(): base64.b64encode(client.dump(key)).decode() for key in keys}
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def restore_room(url: str, file: Path) -> None:
    """Write the keys again; one that had a time to live gets none."""
    with Redis.from_url(url) as client:
        for key, dumped in json.loads(file.read_text("utf-8")).items():
            client.restore(key, 0, base64.b64decode(dumped), replace=True)


def dump_ledger(ledger: Path, file: Path) -> None:
    """Write the payment gateway's books as SQL."""
    with sqlite3.connect(ledger) as database:
        file.write_text("\n".join(database.iterdump()) + "\n", "utf-8")


def restore_ledger(ledger: Path, file: Path) -> None:
    """Make the payment gateway's books."""
    with sqlite3.connect(ledger) as database:
        database.executescript(file.read_text("utf-8"))


def write_facts(file: Path, facts: Mapping[str, Any]) -> None:
    """Write keys and tokens, so that no search for secrets takes them for ones in use."""
    text = json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True)
    file.write_text(_JSON_TOKEN.sub(lambda found: found[0].replace("eyJ", _AS_JSON), text) + "\n", "utf-8")


def _run(program: Path, *words: str) -> str:
    command = [str(program), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_SECONDS)
    if done.returncode:
        raise Stopped(f"{program.name} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.stdout
