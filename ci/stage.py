"""What the stages of delivery share: where they work, their settings, how they run a program and how they stop.

A stage fails closed: whatever it cannot find out is a failure, with one sentence that says why.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any, NoReturn

from images.workshop import NAMES

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "delivery"  # what one stage leaves for the next; may be removed at any time
BUILT = ROOT / "build" / "images"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
RUN_SECONDS = 1800
UNANSWERED = (OSError, HTTPException)  # an answer that is not HTTP is no OSError


class Stopped(Exception):
    """The delivery ends here; the text says why, and what to do."""


class Failed(Stopped):
    """A program ended with another status than 0; some say with it that they have found something."""

    def __init__(self, words: list[str], done: "subprocess.CompletedProcess[str]") -> None:
        super().__init__(
            f"{' '.join(words[:3])} ended with {done.returncode}:\n{(done.stdout + done.stderr).strip()[-3000:]}"
        )
        self.stdout, self.stderr = done.stdout, done.stderr


def main(work: Callable[[], str]) -> NoReturn:
    """Run a stage; say in one line what it found, and end with 0 only if it came to its end."""
    name = Path(sys.argv[0]).stem
    try:
        said = work()
    except Stopped as stopped:
        sys.exit(f"{name}: {stopped}")
    sys.stdout.write(f"{name}: {said}\n")
    sys.exit(0)


def setting(name: str, what: str, default: str | None = None) -> str:
    """Return a variable of the environment; without one and without a default, stop."""
    value = os.environ.get(name, "") or default
    if value is None:
        raise Stopped(f"{name} is not set; expected {what}")
    return value


def run(*command: object, seconds: float = RUN_SECONDS, cwd: Path = ROOT) -> str:
    """Run a program and return what it writes; stop if it is missing, ends with another status than 0, or hangs."""
    words = [str(word) for word in command]
    name = Path(words[0]).name
    try:
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False)
    except OSError:
        raise Stopped(f"{name} cannot be started; expected it at {words[0]}") from None
    except subprocess.TimeoutExpired:
        raise Stopped(f"{name} has not ended after {seconds:.0f} seconds") from None
    if done.returncode:
        raise Failed(words, done)
    return done.stdout


def tool(pattern: str, target: str) -> Path:
    """Return a program of one of our environments."""
    found = next(ROOT.glob(pattern), None)
    if found is None:
        raise Stopped(f"there is no {pattern}; `make {target}` installs it")
    return found


def head() -> str:
    """Return the commit that is delivered; stop if files differ from it."""
    if changed := run("git", "status", "--porcelain"):
        raise Stopped(f"files differ from the commit, such as {changed.split()[1]}; expected a clean checkout")
    return run("git", "rev-parse", "HEAD").strip()


def image_names() -> list[str]:
    """Return the images that are delivered: DELIVERY_IMAGES, or all."""
    names = setting("DELIVERY_IMAGES", "names of images", " ".join(NAMES)).split()
    if unknown := sorted(set(names) - set(NAMES)):
        raise Stopped(f"DELIVERY_IMAGES names {', '.join(unknown)}; expected some of {', '.join(NAMES)}")
    return names


def built() -> dict[str, str]:
    """Return the digest of each image that was built of this commit."""
    commit, known = head(), read(BUILT / "images.json", "ci/07-build")
    for name in image_names():
        revision = known.get(name, {}).get("revision", "nothing")
        if revision != commit:
            raise Stopped(f"the image {name} was built of {revision}; expected {commit}: run ci/07-build")
    return {name: known[name]["digest"] for name in image_names()}


def layout(name: str) -> Path:
    """Return the folder of an image as it was pulled after the build."""
    return BUILT / "pulled" / name


def registry() -> tuple[str, list[str]]:
    """Return the registry that is pushed to, and skopeo's options for it."""
    place = setting("DELIVERY_REGISTRY", "host of a registry, such as ACCOUNT.dkr.ecr.ap-northeast-2.amazonaws.com")
    plain = place.startswith("127.0.0.1:")  # nobody listens between us and loopback
    return place, ["--tls-verify=false"] if plain else []


def write(name: str, value: Any) -> Path:
    """Leave something for the stages behind."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / name
    file.write_text(json.dumps(value, indent=1), "utf-8")
    return file


def read(file: Path, stage: str) -> Any:
    """Return what a stage before has left."""
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise Stopped(f"there is no {file.relative_to(ROOT)}; run {stage} first") from None
    except ValueError:
        raise Stopped(f"{file.relative_to(ROOT)} is not JSON; run {stage} again") from None
