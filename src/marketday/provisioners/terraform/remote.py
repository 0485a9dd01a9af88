"""The commands for a build host's shell, which copy and start a run and look at it, and how to read the answers."""

import base64
import gzip
import io
import shlex
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from marketday.provisioners.terraform.script import (
    ERRORED,
    EXIT,
    LOG,
    LOG_TAIL_BYTES,
    OUTPUTS,
    PLAN,
    SCRIPT,
    start_command,
)

NO_TOOLS = 69  # EX_UNAVAILABLE of sysexits.h

_START = Template(
    r"""umask 077
for tool in git terraform tar setsid; do
    command -v $$tool > /dev/null || { echo "$$tool is not installed"; exit $no_tools; }
done
mkdir -p $folder && cd $folder || exit 1
if [ ! -d started ]; then
    tar -xzf - || exit 1
    $start
fi
tries=0
while [ ! -s pid ] && [ $$tries -lt 100 ]; do sleep 0.1; tries=$$((tries + 1)); done
[ -d started ] && echo "who $$(id -un)@$$(uname -n)"
"""
)
_LOOK = Template(
    r"""exec 2> /dev/null
cd $folder && [ -d started ] || { echo state absent; exit 0; }
alive() { tr '\0' ' ' < "/proc/$$(cat pid)/cmdline" | grep -qF $folder/$script; }
if [ ! -s exit ] && alive; then state=running; else state=ended; fi
[ -s exit ] || [ $$state = running ] || state=lost
echo state $$state
tell() { [ -s "$$1" ] && echo "$$1" "$$($$2 "$$1" | gzip -c | base64 | tr -d '\n')"; }
if [ $$state = running ]; then tell log 'tail -c $tail'; else for each in $files; do tell $$each cat; done; fi
true
"""
)
_NEEDED = Template(
    r"""exec 2> /dev/null
[ -d $folder/started ] && exit 0
for each in $work/*/*/*/pid; do grep -qF /$script "/proc/$$(cat "$$each")/cmdline" && exit 0; done
exit 1
"""
)


@dataclass(frozen=True, slots=True)
class RunSeen:
    """The content of a run's folder: its state (absent, running, ended or lost), and the texts of its files by name."""

    state: str
    texts: Mapping[str, str]


def packed(files: Mapping[str, str]) -> bytes:
    """Return `files` as a compressed tar archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            encoded = content.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(encoded), 0o600
            archive.addfile(entry, io.BytesIO(encoded))
    return target.getvalue()


def start(folder: str) -> str:
    """Return the command that unpacks its standard input into `folder`, and starts the run if it was not started."""
    return _START.substitute(folder=shlex.quote(folder), start=start_command(f"{folder}/{SCRIPT}"), no_tools=NO_TOOLS)


def who(answer: str) -> str:
    """Read, from the answer to `start`, how Terraform calls itself on that host; empty if it is not said."""
    last = answer.strip().rpartition("\n")[2]
    return last.removeprefix("who ") if last.startswith("who ") else ""


def look(folder: str) -> str:
    """Return the command that shows the state of the run in `folder`; read its answer with `seen`."""
    names = f"{EXIT} {LOG} {PLAN} {OUTPUTS} {ERRORED}"
    return _LOOK.substitute(folder=shlex.quote(folder), script=SCRIPT, tail=LOG_TAIL_BYTES, files=names)


def needed(work: str, folder: str) -> str:
    """Return the command that succeeds when the run in `folder` was started, or any run under `work` is under way."""
    return _NEEDED.substitute(folder=shlex.quote(folder), work=shlex.quote(work), script=SCRIPT)


def seen(answer: str) -> RunSeen | None:
    """Read the answer to `look`; None if it is something else."""
    lines = [line.split(" ", 1) for line in answer.splitlines()]
    if not lines or lines[0][0] != "state" or any(len(each) != 2 for each in lines):  # noqa: PLR2004 - a pair
        return None
    texts = {name: gzip.decompress(base64.b64decode(body)).decode(errors="replace") for name, body in lines[1:]}
    return RunSeen(lines[0][1], texts)
