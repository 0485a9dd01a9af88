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
VERSION = "7.8.9"


def git(folder, *words):
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "tag.gpgsign=false")
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def new_key(file):
    key = ec.generate_private_key(ec.SECP256R1())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    public = file.with_suffix(".pub")
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return key


def commit(folder, words="change"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", words)


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


def write(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    new_key(folder / "ours.pem")
    new_key(folder / "theirs.pem")
    return folder


@pytest.fixture
def key(keys, monkeypatch):
    monkeypatch.setenv(make.KEY, str(keys / "ours.pem"))
    return keys / "ours.pub"


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


def refused(scratch, said):
    with pytest.raises(Stopped, match=said):
        make.make(scratch, tag=False)


@pytest.fixture
def small(tmp_path, key, monkeypatch):
    """A repository with the few files that are looked at; what is built of them has its own tests."""
    monkeypatch.setattr(make, "built", lambda *_: {})
    folder = tmp_path / "small"
    (folder / "src/marketday").mkdir(parents=True)
    (folder / "sql").mkdir()
    (folder / "sql/README.md").write_text("# SQL\n", "utf-8")
    (folder / "src/marketday/__init__.py").write_text(f'"""A."""\n\n__version__ = "{VERSION}"\n', "utf-8")
    (folder / "CHANGELOG.md").write_text(f"## [{VERSION}] - 2027-01-02\n\n- Tea.\n", "utf-8")
    for name in ("LICENSE", make.LOCK):
        (folder / name).write_text("", "utf-8")
    (folder / ".gitignore").write_text("dist/\nbuild/\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    return folder


def a_changed_file(folder):
    (folder / "LICENSE").write_text("mine", "utf-8")


def an_untracked_file(folder):
    (folder / "src/marketday/mine.py").write_text("", "utf-8")


def a_commit_that_is_not_merged(folder):
    commit(folder)


def no_main(folder):
    git(folder, "checkout", "--quiet", "--detach")
    git(folder, "update-ref", "-d", "refs/remotes/origin/main")
    git(folder, "branch", "--quiet", "-D", "main")


def a_tag_at_another_commit(folder):
    commit(folder)
    git(folder, "tag", f"v{VERSION}")
    git(folder, "reset", "--quiet", "--hard", "HEAD~")


def a_greater_tag(folder):
    git(folder, "tag", "v8.0.0")


def merged(change):
    """Commit a change, as if it were on main."""

    def spoil(folder):
        change(folder)
        commit(folder)
        git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")

    return spoil


def a_link_outside(folder):
    (folder / "sql" / "link.sql").symlink_to("/etc/passwd")


def an_export_ignore(folder):
    (folder / ".gitattributes").write_text("sql/README.md export-ignore\n", "utf-8")


def an_export_subst(folder):
    (folder / ".gitattributes").write_text("src/marketday/__init__.py export-subst\n", "utf-8")
    write(folder, "src/marketday/__init__.py", '"""', '"""$Format:%H$ ')


def another_version(version):
    return lambda folder: write(folder, "src/marketday/__init__.py", VERSION, version)


def a_version_that_git_looks_away_from(folder):
    another_version("9.9.9")(folder)
    git(folder, "update-index", "--assume-unchanged", "src/marketday/__init__.py")
    git(folder, "tag", f"v{VERSION.replace('9', '10')}")


def a_commit_that_replaces_it(folder):
    (folder / "sql/README.md").write_text("another", "utf-8")
    commit(folder)
    other = git(folder, "rev-parse", "HEAD")
    git(folder, "reset", "--quiet", "--hard", "HEAD~")
    git(folder, "replace", "HEAD", other)


SPOILT = {
    "a version beside the commit": (a_version_that_git_looks_away_from, f"is {VERSION}, and 7.8.10 is released"),
    "a replaced commit": (a_commit_that_replaces_it, "files differ from the commit"),
    "a changed file": (a_changed_file, "files differ from the commit, such as LICENSE"),
    "an untracked file": (an_untracked_file, "such as src/marketday/mine.py"),
    "not merged": (a_commit_that_is_not_merged, "is not on refs/remotes/origin/main"),
    "no main": (no_main, "there is no branch main here"),
    "a tag elsewhere": (a_tag_at_another_commit, f"the tag v{VERSION} is at"),
    "a greater release": (a_greater_tag, f"is {VERSION}, and 8.0.0 is released"),
    "not semantic": (merged(another_version("0.1.0+dev")), "0.1.0[+]dev"),
    "another section": (merged(another_version("7.8.10")), r"no section \[7.8.10\]"),
    "a link out of the tree": (merged(a_link_outside), "sql/link.sql is a link to /etc/passwd"),
    "left out by an attribute": (merged(an_export_ignore), "sql/README.md is missing in the archive"),
    "changed by an attribute": (merged(an_export_subst), "src/marketday/__init__.py is not in the archive as in"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_cannot_be_released_is_refused_in_a_sentence(small, name):
    spoil, said = SPOILT[name]
    spoil(small)
    refused(small, said)
    assert not (small / "dist").exists()


@pytest.mark.parametrize(
    ("file", "said"), [(None, "is not set"), ("missing.pem", "there is no"), ("ours.pub", "cannot be")]
)
def test_without_a_key_that_signs_nothing_is_made(small, keys, monkeypatch, file, said):
    monkeypatch.delenv(make.KEY, raising=False)
    if file:
        monkeypatch.setenv(make.KEY, str(keys / file))
    refused(small, said)


def test_the_tag_is_made_when_it_is_wanted_and_a_repetition_changes_nothing(small, monkeypatch):
    for whose in ("GLOBAL", "SYSTEM"):  # a name that the tester's git has
        monkeypatch.setenv(f"GIT_CONFIG_{whose}", os.devnull)
    with pytest.raises(Stopped, match=r"git has no user\.name"):
        make.make(small, tag=True)
    git(small, "config", "user.name", "Tester")
    git(small, "config", "user.email", "tester@example.com")
    for _ in range(2):
        assert f"The tag v{VERSION} is here" in make.make(small, tag=True)
    assert git(small, "rev-parse", f"v{VERSION}^{{commit}}") == git(small, "rev-parse", "HEAD")


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


def test_a_folder_with_something_else_is_not_written_over(small):
    (small / "dist" / VERSION).mkdir(parents=True)
    (small / "dist" / VERSION / "mine").touch()
    refused(small, "also has mine")
