"""Our own PostgreSQL: made by initdb, run as a plain child process, reached over TCP with a password."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from marketday.kit.private import private_opener
from marketday.provisioners.local.accounts import account_of, give_tree, own_folder, passable_folder
from marketday.provisioners.local.errors import ProcessFailed
from marketday.provisioners.local.model import CommandCheck, ProcessSpec, Walls

OWNER = "marketday"
_NAMED = "nobody"  # the account with which root runs initdb

# For one of several clusters on a small machine. Durability stays on: data that was confirmed is on disk.
SETTINGS: dict[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # in its own folder, because everyone can use /dev/shm
    "min_dynamic_shared_memory": "16MB",  # enough that no such file is needed in ordinary work
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    "logging_collector": "off",
    "max_wal_size": "512MB",
}


@dataclass(frozen=True)
class PostgresServer:
    """A cluster that runs or can be started; `password` is its owner's."""

    folder: Path
    programs: Path
    port: int
    password: str

    def url(self, database: str = "postgres", user: str = OWNER, password: str | None = None) -> str:
        """Return the URL of `database` for `user`, by default the cluster's owner."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def spec(self, name: str = "postgres", **settings: str) -> ProcessSpec:
        """Return the process: `postgres` itself, so that we see when it ends; it recovers from a crash by itself."""
        chosen = {**SETTINGS, **settings, "port": str(self.port)}
        options = [part for key, value in chosen.items() for part in ("-c", f"{key}={value}")]
        data = self.folder / "data"
        return ProcessSpec(
            name=name,
            argv=(str(self.programs / "postgres"), "-D", str(data), *options),
            folder=str(data),
            account=account_of(self.folder.parent),
            walls=Walls(read=(str(self.programs.parents[2]),), bind=(self.port,), shared_memory=True),
            stop_signal="SIGINT",  # "fast": ends the connections, then writes a clean checkpoint
            stop_seconds=30,
            ready=CommandCheck(
                argv=(str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "2")
            ),
            ready_seconds=60,
            stale_files=(str(data / "postmaster.pid"),),
        )


def create_cluster(folder: Path, programs: Path, password: str) -> None:
    """Make the cluster in `folder`/data if it does not exist.

    initdb works in another folder, which is then renamed, so that a killed initdb leaves nothing that looks like a
    cluster. Only the server's account can use the files.

    Raises:
        ProcessFailed: initdb failed; the detail is what it wrote.

    """
    account = account_of(folder.parent)
    passable_folder(folder, account)
    data = folder / "data"
    if (data / "PG_VERSION").is_file():
        own_folder(data, account)
        return
    half = folder / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    password_file = folder / "password.new"
    password_file.unlink(missing_ok=True)
    user = None if account is None else pwd.getpwnam(_NAMED).pw_uid
    try:
        _write_private(password_file, password, user)
        if user is not None:
            os.chown(half, user, -1)
        _run_initdb(programs, half, password_file, user, account)
        if account is not None:
            give_tree(half, account)
        half.rename(data)
    finally:
        password_file.unlink(missing_ok=True)


def _write_private(path: Path, text: str, user: int | None) -> None:
    with open(path, "x", opener=private_opener) as file:
        if user is not None:
            os.fchown(file.fileno(), user, -1)
        file.write(text + "\n")


def _run_initdb(programs: Path, data: Path, password_file: Path, user: int | None, group: int | None) -> None:
    """Run initdb; if we are root, with an account that has a name, because initdb needs one.

    Other processes of that account are kept out: only the plane's `group` can reach the folder, and a process with
    another group can neither trace this one nor read its files.
    """
    command = [str(programs / "initdb"), "-D", str(data), "-U", OWNER, "-E", "UTF8", "--locale-provider=builtin"]
    command += ["--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password_file}", "--no-instructions", "-N"]
    done = subprocess.run(
        command,
        cwd=data.parent,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProcessFailed(f"initdb for {data} failed: {done.stderr.strip() or done.stdout.strip()}")
