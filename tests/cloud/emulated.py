"""The emulated AWS as tests see it: one for all their processes, an account for each test, faults, what was called."""

import fcntl
import functools
import json
import os
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

HERE = Path(__file__).parent
REGION = "ap-northeast-2"
ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class EmulatedAws:
    """A running emulator."""

    url: str
    log: Path

    def send(self, path: str, fields: dict[str, Any] | None = None, method: str = "POST") -> None:
        """Send something to a control endpoint, e.g. `marketday/faults`."""
        body = json.dumps(fields or {}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{path}", body, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310
            pass

    def account(self) -> "Account":
        """Return an account that nobody has used, which needs no clearing away."""
        return Account(self, f"{random.SystemRandom().randrange(10**11, 10**12)}")


@dataclass(frozen=True)
class Account:
    """One account of it. Its access key is its number."""

    aws: EmulatedAws
    number: str

    @property
    def environment(self) -> dict[str, str]:
        """What Terraform and every AWS SDK read from the environment."""
        return {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": self.number,
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
        }

    @functools.cache  # noqa: B019  an account is as short as its test, and reading a service's model is slow
    def client(self, service: str, region: str = REGION) -> Any:
        """Return a boto3 client that gives up at once."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.aws.url,
            aws_access_key_id=self.number,
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def fail(self, service: str, action: str, code: str, **fields: Any) -> None:
        """Let an action fail in this account: `times` (once; None: always), `message`, `contains` (in the request)."""
        fault = {"service": service, "action": action, "code": code, "account": self.number, **fields}
        self.aws.send("marketday/faults", fault)

    def heal(self) -> None:
        """Let nothing fail in this account any more."""
        self.aws.send(f"marketday/faults?account={self.number}", method="DELETE")

    def script_dms(self, region: str = REGION, **fields: Any) -> None:
        """Write what DMS will say: `tables` ({"public.orders": {"rows": 9, "outcome": …}}), `fails_with`,
        `copied_by` (an address that copies the rows of a task that starts)."""
        self.aws.send("marketday/dms", {"account": self.number, "region": region, **fields})

    def set_cache(self, name: str, status: str, region: str = REGION) -> None:
        """Say how far a cache is, such as `creating`."""
        self.aws.send("marketday/caches", {"account": self.number, "region": region, "id": name, "status": status})

    def lose(self, region: str, *, lost: bool = True) -> None:
        """Let every call to a region end without an answer from now on, or no longer."""
        self.aws.send("marketday/regions", {"account": self.number, "region": region, "lost": lost})

    def set_backup(self, name: str, region: str, latest: str) -> None:
        """Say to which moment the copy of a database's backups in `region` goes."""
        self.aws.send("marketday/backups", {"account": self.number, "region": region, "id": name, "latest": latest})

    def edge_keys(self, store_arn: str) -> list[str]:
        """Return the keys of a key-value store at the edge. (boto3 cannot ask without a signer of its own.)"""
        with urllib.request.urlopen(f"{self.aws.url}/key-value-stores/{store_arn}/keys", timeout=ANSWER_SECONDS) as got:  # noqa: S310
            return [item["Key"] for item in json.load(got)["Items"]]

    def calls(self, service: str | None = None) -> list[dict[str, Any]]:
        """Return the calls that were made in this account, in the order in which they were answered."""
        every = self.aws.log.read_text("utf-8").splitlines()
        lines = (json.loads(line) for line in every if self.number in line)
        return [line for line in lines if line["account"] == self.number and service in {None, line["service"]}]

    def actions(self, service: str | None = None) -> list[str]:
        """Return the names of these calls."""
        return [call["action"] for call in self.calls(service)]


@contextmanager
def shared_emulator(folder: Path) -> Iterator[EmulatedAws]:
    """Use the emulator of all test processes that name this folder.

    To start it and to load its services takes seconds. So the first process starts it; it ends after the last, however
    that ends: when the last one closes the pipe that is its input.
    """
    folder.mkdir(exist_ok=True)
    pipe, state = folder / "pipe", folder / "state.json"
    with _alone(folder):
        url, users = json.loads(state.read_text("utf-8")) if state.exists() else ("", 0)
        if not users:
            pipe.unlink(missing_ok=True)
            os.mkfifo(pipe)
        held = os.open(pipe, os.O_RDWR)
        url = url if users else _start(folder, pipe)
        state.write_text(json.dumps([url, users + 1]), "utf-8")
    try:
        yield EmulatedAws(url, folder / "aws.jsonl")
    finally:
        with _alone(folder):
            url, users = json.loads(state.read_text("utf-8"))
            state.write_text(json.dumps([url, users - 1]), "utf-8")
            os.close(held)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(folder: Path, pipe: Path) -> str:
    log, errors = folder / "aws.jsonl", folder / "aws.log"
    log.touch()
    argv = [sys.executable, "-m", "emulator", "0", str(log), "--attached"]
    with (
        pipe.open("rb", buffering=0) as reading,
        errors.open("wb") as output,
        subprocess.Popen(argv, cwd=HERE, stdin=reading, stdout=subprocess.PIPE, stderr=output, text=True) as child,
    ):
        url = child.stdout.readline().strip()
    assert url, f"the emulator did not start: {errors.read_text('utf-8')[-2000:]}"
    return url
