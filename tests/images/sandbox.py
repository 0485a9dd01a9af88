"""The payment gateway's sandbox, as a process of this machine: it plays another company, and is no image of ours."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from marketday.provisioners.local.ports import free_ports

from . import bubble


@dataclass(frozen=True)
class Sandbox:
    """Where it answers, and the key of the mall."""

    url: str
    key: str


@contextmanager
def running_sandbox(folder: Path) -> Iterator[Sandbox]:
    """Run it with its ledger in `folder`."""
    url, key = f"http://127.0.0.1:{free_ports(1)[0]}", secrets.token_hex(16)
    settings = {
        "PORT": url.rpartition(":")[2],
        "DATABASE_FILE": str(folder / "ledger"),
        "GATEWAY_KEY": key,
        "LATE_SECONDS": "1",
    }
    environment = {**os.environ, **{f"MARKETDAY_{name}": value for name, value in settings.items()}}
    with subprocess.Popen(
        [sys.executable, "-m", "marketday.apps.sandbox"], env=environment, stderr=subprocess.DEVNULL
    ) as process:
        try:
            end = time.monotonic() + bubble.START_SECONDS
            while not bubble.answers(f"{url}/healthz"):
                assert time.monotonic() < end, "the sandbox does not answer"
                time.sleep(0.05)
            yield Sandbox(url, key)
        finally:
            process.terminate()
