"""Removes each guard of the product in turn, in a copy of the checkout, and demands that the tests named for it fail.

`make test-guards` runs all of them; `make test-guards ARGS="stock limit"` those whose names contain one of these words.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from xml.etree import ElementTree as ET

from guard_table import Guard, Unusable, cut, parts, read

ROOT = Path(__file__).resolve().parents[1]
LONGEST_SECONDS = 900
_HIDDEN = {".git", ".venv", ".marketday"}
_BY_ASSERTION = re.compile(r"assert\b|AssertionError|Failed: ")


@dataclass(frozen=True, slots=True)
class Found:
    """What running a test led to: `message` is empty if it passed, `broken` is true if it could not even begin."""

    message: str = ""
    broken: bool = False


def copy(root: Path, target: Path) -> None:
    """Copy the files of the repository, as they are now."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = [Path(name) for name in listing.stdout.splitlines()]
    if listing.returncode:  # an exported tree, without git
        names = [path.relative_to(root) for path in root.rglob("*")]
        names = [name for name in names if not _HIDDEN & set(name.parts)]
    for name in names:
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)


class Copy:
    """A copy of the checkout, in which one guard after the other is removed and put back."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Copy `root` to `folder`."""
        self._folder = folder
        copy(root, folder)

    def without(self, rows: Iterable[Guard], tests: Sequence[str]) -> dict[str, list[Found]]:
        """Run `tests` without the guards of `rows`."""
        before: dict[Path, str] = {}
        try:
            for row in rows:
                file, text = cut(self._folder, row)
                before.setdefault(file, file.read_text("utf-8"))
                self._write(file, text)
            return self.run(tests)
        finally:
            for file, text in before.items():
                self._write(file, text)

    def run(self, tests: Sequence[str]) -> dict[str, list[Found]]:
        """Run `tests` here, and return what each led to, one for each of its cases."""
        report = self._folder / "guards.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests]
        path = os.pathsep.join(filter(None, [str(self._folder / "src"), os.environ.get("PYTHONPATH")]))
        child = subprocess.Popen(
            command, cwd=self._folder, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            child.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            child.terminate()  # pytest ends what it started
            child.wait()
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
        cases = ET.parse(report).iter("testcase") if report.is_file() else ()  # noqa: S314 - our own
        found: dict[str, list[Found]] = {test: [] for test in tests}
        for case in cases:
            for test in tests:
                if _is(case, test):
                    found[test].append(_result(case))
        return found

    @staticmethod
    def _write(file: Path, text: str) -> None:
        file.write_text(text, "utf-8")
        for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
            compiled.unlink()


def _is(case: ET.Element, test: str) -> bool:
    file, *inner = test.split("::")
    names = ".".join([file.removesuffix(".py").replace("/", "."), *inner])
    name = f"{case.get('classname')}.{case.get('name')}"
    return name == names or ("[" not in names and name.partition("[")[0] == names)


def _result(case: ET.Element) -> Found:
    for kind in ("error", "failure", "skipped"):
        if (said := case.find(kind)) is not None:
            return Found(said.get("message") or kind, broken=kind != "failure")
    return Found()


def verdict(guard: Guard, found: Mapping[str, Sequence[Found]]) -> str:
    """Return why the tests do not prove that `guard` is needed; empty if they do."""
    for test in guard.fails:
        failures = [one for one in found[test] if one.message and not one.broken]
        broken = [one.message.splitlines()[0][:200] for one in found[test] if one.broken]
        if not found[test] or (broken and not failures):
            return f"{test} could not run: {broken[0] if broken else 'no result'}"
        if not failures:
            return f"{test} passes without it"
        wanted = re.compile(re.escape(guard.raises)) if guard.raises else _BY_ASSERTION
        if not any(wanted.match(one.message) or (guard.raises and wanted.search(one.message)) for one in failures):
            return f"{test} fails, but not by an assertion: {failures[0].message.splitlines()[0][:200]}"
    for test in guard.holds:
        if not found[test] or any(one.message for one in found[test]):
            return f"{test} fails although another layer should hold"
    return ""


def check(root: Path, chosen: Sequence[Guard], guards: Mapping[str, Guard], jobs: int = 1) -> dict[str, str]:
    """Return what is wrong with each of the guards `chosen`, by name; empty for those whose tests notice."""
    cuts = {guard.name: parts(guard, guards) for guard in chosen}
    for row in {one.name: one for rows in cuts.values() for one in rows}.values():
        cut(root, row)
    with tempfile.TemporaryDirectory(prefix="guards-") as folder, ThreadPoolExecutor(jobs) as workers:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(jobs):
            copies.put(Copy(root, Path(folder) / str(number)))

        def look(guard: Guard) -> str:
            place = copies.get()
            try:
                wrong = verdict(guard, place.without(cuts[guard.name], guard.tests))
            finally:
                copies.put(place)
            print(f"{'WRONG ' if wrong else 'needed'}  {guard.name}{': ' if wrong else ''}{wrong}", flush=True)
            return wrong

        first = copies.get()
        whole = first.run(sorted({test for guard in chosen for test in guard.tests}))
        copies.put(first)
        failing = [test for test, found in whole.items() if not found or any(one.message for one in found)]
        if failing:
            raise Unusable(f"{', '.join(failing)}: not found or failing while every guard stands; mend them first")
        return dict(zip((one.name for one in chosen), workers.map(look, chosen), strict=True))


def main() -> int:
    """Check the guards whose name contains one of the words given, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only guards whose name contains one of these")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    given = parser.parse_args()
    try:
        guards = read(ROOT)
        chosen = [one for one in guards.values() if not given.words or any(word in one.name for word in given.words)]
        wrong = {name: why for name, why in check(ROOT, chosen, guards, max(1, given.jobs)).items() if why}
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(chosen)} guards removed in turn; {len(wrong)} were not noticed as they should")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
