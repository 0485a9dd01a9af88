"""`make release` on scratch repositories: what it refuses, what it writes, and what a stranger checks."""

import base64
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from ci.stage import Stopped
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from release import check, make
from release.build import refuse_other_files
from release.signed import SIGNATURE, SUMS, write_folder

from marketday import __version__
from marketday.testing.folders import folder_for_servers

from .scratch_repository import VERSION, commit, git, write

ROOT = Path(__file__).parents[2]
PARTS = ("src/marketday", "sql", "examples", "infra/prices")
FILES = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    ".gitignore",
    "requirements-local.lock",
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A repository with what a release is built of, and a commit of a release on its main."""
    folder = tmp_path_factory.mktemp("scratch")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    program, link = folder / "tools/program", folder / "tools/link"  # in the archive of the source alone
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    link.symlink_to("../LICENSE")
    write(folder, "src/marketday/__init__.py", __version__, VERSION)
    log = (folder / "CHANGELOG.md").read_text("utf-8")
    (folder / "CHANGELOG.md").write_text(
        log.replace("## [Unreleased]", f"## [Unreleased]\n\n## [{VERSION}] - 2027-01-02\n\n- Tea.")
    )
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


@pytest.fixture(scope="module")
def made(scratch, keys):
    """The folder of a release, and what was said. In the tree lie files that git ignores: for git it is clean."""
    for ignored in ("build/left.py", "sql/.hypothesis/left.sql", "src/marketday/__pycache__/left.py"):
        (scratch / ignored).parent.mkdir(parents=True, exist_ok=True)
        (scratch / ignored).write_text("secret", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(make.KEY, str(keys / "ours.pem"))
        said = make.make(scratch, tag=False)
    return scratch / "dist" / VERSION, said


@pytest.fixture
def release(made, tmp_path):
    """A copy of it, to be changed."""
    return Path(shutil.copytree(made[0], tmp_path / VERSION))


def test_what_git_ignores_is_in_no_archive(made):
    for file in made[0].iterdir():
        if file.suffix in {".gz", ".whl"}:
            assert not [name for name in names_in(file) if re.search(r"/left\.(py|sql)", name)], file.name


def names_in(file):
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as opened:
            return opened.namelist()
    with tarfile.open(file) as opened:
        return [f"{member.name} {member.mode:o} {member.linkname}".strip() for member in opened]


def test_the_source_has_programs_and_links_as_they_are_committed(made):
    names = names_in(made[0] / f"marketday-{VERSION}-source.tar.gz")
    assert f"marketday-{VERSION}/tools/program 755" in names
    assert f"marketday-{VERSION}/tools/link 777 ../LICENSE" in names


def test_it_says_what_was_written_and_how_to_check_it(made):
    folder, said = made
    assert all(f"dist/{VERSION}/{file.name}" in said for file in folder.iterdir())
    assert "openssl dgst -sha256 -verify" in said
    assert "No tag is made" in said
    notes = (folder / f"marketday-{VERSION}-notes.md").read_text("utf-8")
    assert "\n- Tea.\n" in notes


def test_the_commands_that_it_names_check_it(made, key, tmp_path):
    folder = Path(shutil.copytree(made[0], tmp_path / "there" / VERSION))
    shutil.copy(key, folder.parent / "release.pub")
    for line in filter(None, (line.strip() for line in made[1].partition("To verify")[2].splitlines()[1:])):
        done = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "OK" in done.stdout
    assert check.check(folder, key).startswith(f"Marketday {VERSION} of {git(made[0].parents[1], 'rev-parse', 'HEAD')}")


def test_the_same_commit_gives_the_same_bytes_anywhere(scratch, made, key, tmp_path):
    """In another folder, with another umask and time zone, git settings of a person, and variables of the builder."""
    git(tmp_path, "clone", "--quiet", str(scratch), "elsewhere")
    (tmp_path / ".gitconfig").write_text(f"[tar]\n\tumask = 0077\n[core]\n\tattributesFile = {tmp_path}/attributes\n")
    (tmp_path / "attributes").write_text("*.sql export-ignore\n*.py eol=crlf\n")
    others = {"HOME": str(tmp_path), "TZ": "Asia/Seoul", "LC_ALL": "C", "HATCH_BUILD_HOOKS_ENABLE": "1"}
    code = (
        f"import os, sys; os.umask(0o077); sys.path.insert(0, {str(ROOT)!r});"
        "from pathlib import Path; from release import make; sys.stdout.write(make.make(Path.cwd(), tag=False))"
    )
    words = [sys.executable, "-c", code]
    environment = {"PATH": os.environ["PATH"], make.KEY: os.environ[make.KEY], **others}
    subprocess.run(words, cwd=tmp_path / "elsewhere", env=environment, check=True, capture_output=True)
    again = tmp_path / "elsewhere" / "dist" / VERSION
    for file in made[0].iterdir():
        if file.name != SIGNATURE:  # ECDSA takes a new number each time
            assert (again / file.name).read_bytes() == file.read_bytes(), file.name
    assert {oct(file.stat().st_mode & 0o777) for file in again.iterdir()} == {"0o644"}


@pytest.mark.long
def test_a_wheel_in_an_empty_environment_plays_a_day(made, tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    [packages] = venv.glob("lib/python3*/site-packages")
    [wheel] = made[0].glob("*.whl")
    uv = Path(sys.executable).with_name("uv")
    install = [str(uv), "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(venv / "bin/python")]
    subprocess.run(
        [*install, str(wheel)], check=True, env={"PATH": os.defpath, "UV_NO_CONFIG": "1", "HOME": str(tmp_path)}
    )
    # What it needs is what this environment has: one folder, in which editable projects do not count.
    [ours] = [path for path in map(Path, sys.path) if path.name == "site-packages"][:1]
    (packages / "needs.pth").write_text(f"{ours}\n", "utf-8")
    with folder_for_servers() as place:
        plain = {"PATH": os.defpath, "HOME": str(place), "MARKETDAY_HOME": str(place / "home")}

        def marketday(*words):
            command = [str(venv / "bin/marketday"), *words]
            return subprocess.run(command, capture_output=True, text=True, check=True, env=plain, cwd=place).stdout

        assert marketday("--version") == f"marketday {VERSION}\n"
        assert "--keep" in marketday("demo", "--help")
        told = marketday("demo", "--fast", "--people", "30", "--units", "10", "--lang", "en")
        assert "✓  Handed back, verified, receipt signed" in told
        assert VERSION in (place / "home" / "home.json").read_text("utf-8")


def test_a_wheel_has_what_it_needs_and_no_tests(made):
    [wheel] = made[0].glob("*.whl")
    names = names_in(wheel)
    assert "marketday/_files/sql/mall/0001_shop.sql" in names
    assert not [name for name in names if "tests" in name or "__pycache__" in name]


def a_byte(folder):
    [file] = folder.glob("*.whl")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def a_missing_file(folder):
    next(folder.glob("*.lock")).unlink()


def an_extra_file(folder):
    (folder / "extra.whl").write_bytes(b"")


def another_list(folder):
    (folder / SUMS).write_bytes((folder / SUMS).read_bytes() + b"\n")


def a_signature_of_another_file(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    write_folder(folder.parent / "another", {"marketday-0.0.1-source.tar.gz": b""}, key)
    shutil.copy(folder.parent / "another" / SIGNATURE, folder / SIGNATURE)


def no_signature(folder):
    (folder / SIGNATURE).unlink()


def not_base64(folder):
    (folder / SIGNATURE).write_bytes(base64.b64decode((folder / SIGNATURE).read_bytes()))


def a_link(folder):
    [file] = folder.glob("*.whl")
    file.rename(folder.parent / "moved.whl")
    file.symlink_to(folder.parent / "moved.whl")


ALTERED = {
    "a byte": (a_byte, "whl has the SHA-256 .* it was changed"),
    "a missing file": (a_missing_file, "there is no file .*lock"),
    "an extra file": (an_extra_file, "also has extra.whl"),
    "another list": (another_list, "is not a signature of SHA256SUMS by the key"),
    "a signature of another file": (a_signature_of_another_file, "is not a signature of"),
    "no signature": (no_signature, "there is no file .*SHA256SUMS.sig"),
    "not base64": (not_base64, "is not a signature of"),
    "a link": (a_link, "there is no file .*whl"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_folder_that_was_altered_is_refused(release, key, name):
    alter, said = ALTERED[name]
    alter(release)
    with pytest.raises(Stopped, match=said):
        check.check(release, key)


def packed(names, suffix):
    """A wheel or a source distribution with these files, which are empty."""
    content = io.BytesIO()
    if suffix == ".whl":
        with zipfile.ZipFile(content, "w") as wheel:
            for name in names:
                wheel.writestr(name, "")
    else:
        with tarfile.open(fileobj=content, mode="w:gz") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(f"marketday-1.0.0/{name}"))
    return content.getvalue()


@pytest.mark.parametrize(
    ("suffix", "names", "said"),
    [
        (".whl", ["marketday/a.py", "marketday/_files/sql/x.sql", "marketday-1.0.0.dist-info/METADATA"], None),
        (".tar.gz", ["src/marketday/a.py", "sql/x.sql", "PKG-INFO"], None),
        (".whl", ["marketday/a.py"], "has no sql/x.sql, which is committed; .*gitignore"),
        (".tar.gz", ["sql/x.sql"], "has no src/marketday/a.py"),
        (".whl", ["marketday/a.py", "marketday/_files/sql/x.sql", "x.pth"], "has x.pth, which is not so"),
        (".whl", ["marketday-1.0.0.data/scripts/x", "marketday/a.py"], "data/scripts/x, which is not so"),
        (".tar.gz", ["src/marketday/a.py", "sql/x.sql", "sql/PKG-INFO"], "sql/PKG-INFO, which is not so"),
    ],
)
def test_a_package_has_the_files_of_the_source_no_more_and_no_less(suffix, names, said):
    source = packed(["src/marketday/a.py", "sql/x.sql", "tests/t.py"], ".tar.gz")
    with pytest.raises(Stopped, match=said) if said else contextlib.nullcontext():
        refuse_other_files({f"marketday-1.0.0{suffix}": packed(names, suffix)}, source, "marketday-1.0.0")


def test_another_key_and_what_is_no_key_are_refused(release, keys):
    with pytest.raises(Stopped, match="use nothing of this folder"):
        check.check(release, keys / "theirs.pub")
    for file in (release / SUMS, keys / "missing.pub", keys / "ours.pem"):
        with pytest.raises(Stopped, match="there is no public key"):
            check.check(release, file)


def test_a_signed_list_over_a_wheel_that_the_source_does_not_have_is_refused(release, keys, key):
    """Whoever has the key and packs another wheel is found by the source beside it."""
    signing = serialization.load_pem_private_key((keys / "ours.pem").read_bytes(), None)
    files = {file.name: file.read_bytes() for file in release.iterdir() if file.name not in (SUMS, SIGNATURE)}
    [wheel] = release.glob("*.whl")
    with zipfile.ZipFile(wheel, "a") as inside:
        inside.writestr("marketday/extra.py", "import os")
    write_folder(release, {**files, wheel.name: wheel.read_bytes()}, signing)
    with pytest.raises(Stopped, match=r"has src/marketday/extra\.py, which is not so in the commit"):
        check.check(release, key)
