"""Makes the base and the builder of the images from Debian's packages, on a machine without a container engine.

The public images that `Containerfile` names do the same; this is for machines that reach only a mirror of Debian.
Packages are laid out, and none of their scripts is run: no host name, no cache and no date comes in, so that the same
packages give the same bytes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

SUITE, PYTHON = "bookworm", "python3.11"
EPOCH = "1767225600"  # 2026-01-01: the time of every file
# What Python loads, and the certificates. Not what Debian's scripts call, nor what a terminal or Kerberos would need.
BASE = frozenset(
    """
    base-files ca-certificates gcc-12-base libbz2-1.0 libc6 libcrypt1 libexpat1 libffi8 libgcc-s1 liblzma5
    libpython3.11-minimal libpython3.11-stdlib libsqlite3-0 libssl3 libuuid1 libzstd1 media-types netbase
    python3.11-minimal zlib1g
    """.split()  # noqa: SIM905 - a list of as many quoted words would be longer
)
BUILDER = ("binutils", "coreutils", "dash", "python3-distutils", "python3-pip")
REMOVED = """
    etc/cron* etc/dpkg etc/kernel etc/logrotate.d usr/lib/*/engines-3 usr/lib/*/gconv usr/lib/*/ossl-modules
    usr/sbin/* usr/share/bug usr/share/info usr/share/lintian usr/share/locale usr/share/man
""".split()  # noqa: SIM905
# Of Python's own library: what only people at a terminal use, and modules of libraries that are not there.
REMOVED_OF_PYTHON = """
    __phello__ config-3.11-* curses dbm/gnu.py dbm/ndbm.py ensurepip idlelib lib2to3 pydoc_data test tkinter turtle.py
    turtledemo venv lib-dynload/_ctypes_test* lib-dynload/_curses* lib-dynload/_dbm* lib-dynload/_test*
    lib-dynload/_xxtest* lib-dynload/audioop* lib-dynload/nis* lib-dynload/ossaudiodev* lib-dynload/readline*
""".split()  # noqa: SIM905
FOLDERS = ("dev", "etc/ssl/certs", "proc", "run", "sys", "tmp", "var/lib/dpkg/status.d", "var/tmp")


class BaseFailed(Exception):
    """The base could not be made; the text says what to do."""


def make(folder: Path) -> None:
    """Write `base.tar` and `builder.tar` into `folder`; takes 20 s, most of it the packages' way here.

    Raises:
        BaseFailed: mmdebstrap could not bring the packages.

    """
    with tempfile.TemporaryDirectory(prefix="marketday-base-") as name:
        builder, base = Path(name) / "builder", Path(name) / "base"
        archives = _lay_out(builder)
        lacking = BASE - set(archives)
        if lacking:
            raise BaseFailed(
                f"Debian {SUITE} has no {', '.join(sorted(lacking))}; expected the packages in images/base.py"
            )
        for folder_in in FOLDERS:
            (base / folder_in).mkdir(parents=True)
        for package in sorted(BASE):
            _run(["dpkg-deb", "-x", str(archives[package]), str(base)])
            # Here scanners look for packages in an image without dpkg.
            (base / "var/lib/dpkg/status.d" / package).write_text(
                _run(["dpkg-deb", "-f", str(archives[package])]).stdout
            )
        documents = (path.relative_to(base) for path in (base / "usr/share/doc").glob("*/*"))
        _remove(base, [*REMOVED, *(str(path) for path in documents if path.name != "copyright")])
        _remove(base / "usr/lib" / PYTHON, REMOVED_OF_PYTHON)
        _finish(base)
        _pack(base, folder / "base.tar")
        _remove(builder, ["etc/hostname", "etc/resolv.conf", "dev/*", "var/cache/*", "usr/share/man", "usr/share/doc"])
        (builder / "bin/sh").unlink(missing_ok=True)
        (builder / "bin/sh").symlink_to("dash")
        _finish(builder)
        _pack(builder, folder / "builder.tar")


def _lay_out(root: Path) -> dict[str, Path]:
    """Lay out the builder; return the archives of its packages by name."""
    command = ["mmdebstrap", "--quiet", "--variant=extract", f"--include={','.join(sorted({*BASE, *BUILDER}))}"]
    keep_archives = ["--skip=cleanup/apt/cache", "--skip=download/empty"]
    command += ['--setup-hook=mkdir -p "$1/var/cache/apt/archives"', *keep_archives, SUITE, str(root)]
    done = _run(command, check=False)
    if done.returncode:
        raise BaseFailed(f"mmdebstrap could not bring Debian's packages: {' '.join(done.stderr.split())[-400:]}")
    kept = root.parent / "archives"
    (root / "var/cache/apt/archives").rename(kept)
    return {archive.name.partition("_")[0]: archive for archive in kept.glob("*.deb")}


def _remove(root: Path, patterns: Iterable[str]) -> None:
    for path in [found for pattern in patterns for found in root.glob(pattern)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _finish(root: Path) -> None:
    """Do what the packages' scripts would have done: the link to Python, the certificates in one file, two accounts."""
    (root / "usr/bin/python3").unlink(missing_ok=True)
    (root / "usr/bin/python3").symlink_to(PYTHON)
    authorities = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(each.read_text("utf-8") for each in authorities), "utf-8")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/nologin\nnobody:x:65534:65534:nobody:/:/nologin\n", "utf-8")
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n", "utf-8")
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o1777 if path.name == "tmp" and path.is_dir() else path.stat().st_mode & 0o755)


def _pack(root: Path, target: Path) -> None:
    half = target.with_suffix(".half")
    same = ["--sort=name", "--numeric-owner", "--owner=0", "--group=0", f"--mtime=@{EPOCH}", "--format=posix"]
    same.append("--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime")
    _run(["tar", *same, "-cf", str(half), "-C", str(root), "."])
    half.rename(target)


def _run(command: list[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "LC_ALL": "C"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=check)


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]).resolve())
    except BaseFailed as failed:
        sys.exit(str(failed))
