"""Runs kubectl and helm without network, without git, with limits, and with the same surroundings each time."""

import os
import subprocess
from pathlib import Path

from ci.gitops.objects import CREDENTIAL, HIDDEN, MOST_CHARACTERS, Refused
from ci.stage import ROOT, Stopped

TOOLS = ROOT / ".venv-manifests"
SECONDS = 90
MEMORY_KB = 4 * 1024 * 1024
FILE_BLOCKS = 64 * 1024 * 2  # of 512 bytes: what a program writes


def program(name: str) -> Path:
    """Return kubectl or helm."""
    file = TOOLS / "bin" / name
    if not file.is_file():
        raise Stopped(f"there is no {file.relative_to(ROOT)}; `make gitops` installs it")
    return file


def run(home: Path, name: str, *words: object) -> str:
    """Return what a program writes; what it refuses is Refused, with its words.

    Programs that render may fetch: with this proxy, and without git on the path, they reach nothing. A template may
    loop without end: time, memory and what is written have limits.
    """
    nowhere = "http://127.0.0.1:9"
    surroundings = {"HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C", "TZ": "UTC", "PATH": "/nonexistent"}
    surroundings |= {"KUBECONFIG": "/dev/null", "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere}
    limits = f'ulimit -v {MEMORY_KB}; ulimit -f {FILE_BLOCKS}; exec "$@"'
    output, errors = home / "output", home / "errors"
    try:
        with output.open("wb") as out, errors.open("wb") as err:
            done = subprocess.run(
                ["/bin/sh", "-c", limits, name, str(program(name)), *map(str, words)],
                env=surroundings,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise Refused(f"{name} has not ended after {SECONDS:.0f} seconds") from None
    if done.returncode:
        told = errors.read_text("utf-8", "replace")[-1500:] or f"status {done.returncode}"
        told = " ".join(CREDENTIAL.sub(HIDDEN, told.replace(str(home.parent), "...")).split())
        raise Refused(f"{name} refuses it: {told}")
    if output.stat().st_size > MOST_CHARACTERS:
        raise Refused(f"{name} writes {output.stat().st_size} bytes; expected at most {MOST_CHARACTERS}")
    return output.read_text("utf-8", "replace")


def git(folder: Path, *words: str) -> bytes:
    """Return what git says in a folder; raises Refused."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        raise Refused(f"git {words[0]} refuses it: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout
