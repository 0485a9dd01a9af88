"""Builds images without a container engine: buildah, on a base made of Debian's packages, without a network.

Wheels are brought before, by this machine's pip with its own settings, so a mirror or a proxy needs no word here.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from images import base

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "images"
NAMES = ("console", "controller", "gate", "mall", "migrate", "store", "worker")
PROGRAMS = ("buildah", "bwrap", "docker-registry", "mmdebstrap", "skopeo", "umoci")
PACKAGES = "buildah bubblewrap docker-registry mmdebstrap skopeo umoci"
FRESH_SECONDS = 7 * 24 * 3600  # then the base is made again, with what Debian has repaired since
RUN_SECONDS = 560
# The base has glibc 2.36; wheels for older ones run there too.
GLIBC = ("2_36", "2_35", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")


class ImagesFailed(Exception):
    """An image could not be made; the text says what to do."""


def lacking() -> str:
    """Return what is missing on this machine to build and run images, and how to get it; nothing if all is there."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"no {', '.join(missing)} on the path; on Debian: apt-get install {PACKAGES}"
    if os.geteuid() != 0:
        return "images are built and run as root here, to give files and processes to another user; run it with sudo"
    return ""


class Workshop:
    """A folder in which images are built; what is in it may be removed at any time."""

    def __init__(self, folder: Path = ROOT / "build" / "images") -> None:
        """Keep everything in `folder`."""
        self.folder = folder
        self._buildah = ["buildah", "--storage-driver", "overlay", "--root", str(folder / "store")]
        self._buildah += ["--runroot", str(folder / "run")]
        folder.mkdir(parents=True, exist_ok=True)

    def lay_foundations(self) -> str:
        """Make base and builder if they are missing or a week old; return the key of what they are made of."""
        key = hashlib.sha256((HERE / "base.py").read_bytes()).hexdigest()[:16]
        kept = self.folder / "base" / key
        if not _is_fresh(kept / "builder.tar"):
            kept.mkdir(parents=True, exist_ok=True)
            try:
                base.make(kept)
            except base.BaseFailed as failed:
                raise ImagesFailed(str(failed)) from None
        for name in ("base", "builder"):
            tar = kept / f"{name}.tar"
            made = self.folder / f"{name}.made"
            with tar.open("rb") as file:
                sum_ = hashlib.file_digest(file, "sha256").hexdigest()
            if not made.is_file() or made.read_text("utf-8") != sum_:
                context = self.folder / "foundation"
                shutil.rmtree(context, ignore_errors=True)
                context.mkdir()
                os.link(tar, context / "root.tar")
                (context / "Containerfile").write_text("FROM scratch\nADD root.tar /\n", "utf-8")
                self._build([f"--tag=localhost/{name}", str(context)])
                made.write_text(sum_, "utf-8")
        return key

    def bring_wheels(self, names: Iterable[str]) -> None:
        """Download what the locks of these images name, with hashes checked."""
        wheels = self.folder / "wheels"
        wheels.mkdir(exist_ok=True)
        # An environment without pip uses the pip of the Python that made it.
        command = [getattr(sys, "_base_executable", sys.executable), "-m", "pip", "download", "--quiet", "--no-deps"]
        command += [
            "--require-hashes",
            "--only-binary=:all:",
            "--implementation=cp",
            "--python-version=3.11",
            f"--dest={wheels}",
        ]
        command += ["--abi=cp311", "--abi=abi3", "--abi=none", "--platform=manylinux2014_x86_64"]
        command += [f"--platform=manylinux_{version}_x86_64" for version in GLIBC]
        locks = {
            HERE / f"{name}.lock": hashlib.sha256((HERE / f"{name}.lock").read_bytes()) for name in ("build", *names)
        }
        new = {
            lock: wheels / f".{sum_.hexdigest()}"
            for lock, sum_ in locks.items()
            if not (wheels / f".{sum_.hexdigest()}").exists()
        }
        if new:
            _run([*command, *(f"--requirement={lock}" for lock in new)])
        for done in new.values():
            done.touch()

    def build(self, name: str) -> None:
        """Build one image, of nothing older than the base and the wheels.

        buildah would keep layers, but it does not see that a label has another value (1.28), and so gives an old image.
        """
        pip = self.folder / "pip.conf"
        pip.write_text("[global]\nno-index = true\nfind-links = /wheels\nbreak-system-packages = true\n", "utf-8")
        options = ["--build-arg=BASE=localhost/base", "--build-arg=BUILDER=localhost/builder"]
        options += [f"--build-arg=VERSION={version()}", f"--build-arg=REVISION={revision()}"]
        options += [f"--volume={self.folder / 'wheels'}:/wheels:ro", f"--volume={pip}:/etc/pip.conf:ro"]
        options += ["--no-cache"]
        options += [f"--ignorefile={HERE / 'Containerfile.dockerignore'}", f"--file={HERE / 'Containerfile'}"]
        self._build([*options, f"--target={name}", f"--tag=localhost/{name}", str(ROOT)])

    def push(self, name: str, registry: str) -> str:
        """Push an image to a registry on this machine; return the digest that the registry knows it by."""
        file = self.folder / f"{name}.digest"
        target = f"docker://{registry}/marketday/{name}:{version()}"
        self._run_buildah("push", "--quiet", "--tls-verify=false", f"--digestfile={file}", f"localhost/{name}", target)
        return file.read_text("utf-8").strip()

    def pull(self, name: str, digest: str, registry: str) -> Path:
        """Pull an image by its digest; return its layout: `oci:PATH:NAME` for other programs."""
        layout = self.folder / "pulled" / name
        shutil.rmtree(layout, ignore_errors=True)
        layout.parent.mkdir(exist_ok=True)
        source = f"docker://{registry}/marketday/{name}@{digest}"
        _run(["skopeo", "copy", "--quiet", "--src-tls-verify=false", source, f"oci:{layout}:{name}"])
        return layout

    def unpack(self, name: str, layout: Path) -> Path:
        """Return the image's files, as a container would see them."""
        root = self.folder / "roots" / name
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(exist_ok=True)
        _run(["umoci", "raw", "unpack", "--image", f"{layout}:{name}", str(root)])
        root.chmod(0o755)
        return root

    def _build(self, options: list[str]) -> None:
        # `chroot` needs neither cgroups nor an engine. The time is in every file and in the image's history.
        same = ["--isolation=chroot", "--pull-never", f"--timestamp={base.EPOCH}", "--quiet"]
        self._run_buildah("build", *same, *options)

    def _run_buildah(self, *words: str) -> None:
        try:
            _run([*self._buildah, *words])
        finally:  # it leaves layers mounted, and then nobody can remove the folder
            mounted = [line.split()[1] for line in Path("/proc/self/mounts").read_text("utf-8").splitlines()]
            ours = [place for place in mounted if Path(place).is_relative_to(self.folder / "store")]
            for place in sorted(ours, reverse=True):
                _run(["umount", place])


def version() -> str:
    """Return the version of the project."""
    module = (ROOT / "src" / "marketday" / "__init__.py").read_text("utf-8")
    [found] = re.findall(r'^__version__ = "(.+)"$', module, re.MULTILINE)
    return str(found)


def revision() -> str:
    """Return the commit that is built, with -dirty if a file was changed since; `unknown` outside of a repository."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _is_fresh(file: Path) -> bool:
    return file.is_file() and time.time() - file.stat().st_mtime < FRESH_SECONDS


def _run(command: list[str]) -> str:
    umask = {"umask": 0o022}  # or the modes in a layer would be those of whoever builds
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False, **umask)
    if done.returncode:
        raise ImagesFailed(
            f"{' '.join(command[:2])} ended with {done.returncode}:\n{(done.stderr or done.stdout)[-3000:]}"
        )
    return done.stdout
