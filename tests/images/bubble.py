"""Runs an image by bubblewrap, as Kubernetes and ECS would: its user, a root that cannot be written, no capability.

Not imitated: limits of memory and processors, the seccomp profile, a network of its own. Loopback is this machine's.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .oci import Image

START_SECONDS = 60.0  # on a machine that has much else to do
_OVER_SECONDS = 40.0
# The image may lie where its user may not go, such as below root's home: its folders are mounted at /mnt, for us alone.
_CARRY = """
mount -t tmpfs -o mode=755 none /mnt
number=0
while [ "$1" != -- ]; do
    mkdir "/mnt/$number"
    mount --bind "$1" "/mnt/$number"
    number=$((number + 1))
    shift
done
shift
exec "$@"
"""


@dataclass(frozen=True)
class Running:
    """A container that runs."""

    process: "subprocess.Popen[bytes]"
    pid: int  # of the service itself, seen from this machine
    url: str
    log: Path
    begun: float

    def said(self) -> str:
        """Return what it wrote."""
        return self.log.read_text("utf-8")

    def wait_for(self, path: str) -> float:
        """Wait until a path answers 200; return the seconds since the start."""
        while not answers(self.url + path):
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - self.begun < START_SECONDS, f"{path} does not answer\n{self.said()}"
            time.sleep(0.02)
        return time.monotonic() - self.begun

    def processor_seconds(self) -> float:
        """Return the processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def run_inside(self, words: Sequence[str], user: str) -> int:
        """Run another process in it, as a probe does; return its exit code."""
        uid, _, gid = user.partition(":")
        enter = ["nsenter", f"--target={self.pid}", "--user", "--mount", "--pid", "--ipc"]
        become = [f"--setuid={uid}", f"--setgid={gid}"]
        done = subprocess.run([*enter, *become, *words], timeout=START_SECONDS, check=False, env={"PATH": "/usr/bin"})
        return done.returncode

    def terminate(self) -> None:
        """Ask it to end, as an orchestrator does: bubblewrap itself would not pass the signal on."""
        os.kill(self.pid, signal.SIGTERM)

    def ended(self, within: float = _OVER_SECONDS) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait(within)


def answers(url: str) -> bool:
    """Return whether an address answers 200."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - http, and our own
    except (urllib.error.URLError, OSError):
        return False
    return True


def command(
    image: Image,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    user: str,
    mounts: Mapping[str, Path] = {},
    writable: Sequence[str] = (),
) -> list[str]:
    """Return the command that runs `words` in the image's files, as `user`."""
    for place in (*writable, *mounts):  # as an engine does, which makes missing places for mounts
        (image.root / place.removeprefix("/")).mkdir(parents=True, exist_ok=True)
    uid, _, gid = user.partition(":")
    carry = ["unshare", "--mount", "sh", "-ec", _CARRY, "sh", str(image.root), *map(str, mounts.values()), "--"]
    become = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    bubble = ["bwrap", "--ro-bind", "/mnt/0", "/", "--unshare-all", "--share-net", "--proc", "/proc", "--dev", "/dev"]
    for place in writable:
        bubble += ["--tmpfs", place]
    for number, place in enumerate(mounts, 1):
        bubble += ["--ro-bind", f"/mnt/{number}", place]
    bubble += ["--remount-ro", "/dev", "--chdir", image.config["WorkingDir"], "--clearenv"]
    for name, value in environment.items():
        bubble += ["--setenv", name, value]
    bubble += ["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--as-pid-1"]
    return [*carry, *become, *bubble, *words]


def run(
    image: Image, words: Sequence[str], environment: Mapping[str, str], given: str = "", **how: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command in it to its end, with what it is `given` as its standard input."""
    whole = command(image, words, {**image.environment, **environment}, **{"user": image.config["User"], **how})
    return subprocess.run(whole, input=given, capture_output=True, text=True, timeout=120, check=False, cwd="/")


@contextmanager
def running(
    image: Image, words: Sequence[str], environment: Mapping[str, str], log: Path, **how: Any
) -> Iterator[Running]:
    """Run a service in it; whatever happens, it is ended afterwards."""
    told, tell = os.pipe()
    whole = command(image, words, {**image.environment, **environment}, **how)
    at = whole.index("--as-pid-1") + 1
    whole[at:at] = ["--info-fd", str(tell)]
    url = f"http://127.0.0.1:{environment['MARKETDAY_PORT']}"
    begun = time.monotonic()
    with log.open("wb") as out, subprocess.Popen(whole, stdout=out, stderr=out, pass_fds=[tell], cwd="/") as process:
        os.close(tell)
        try:
            with os.fdopen(told) as info:
                known = info.read()
            assert known, log.read_text("utf-8")
            yield Running(process, json.loads(known)["child-pid"], url, log, begun)
        finally:
            process.kill()  # with --die-with-parent the service ends too
