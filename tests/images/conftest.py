"""Images that `make images` has built."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from images.workshop import NAMES, Workshop, lacking
from tests.cloud.provider import running_provider
from tests.cloud.terraform import LESS_WORK, Terraform, TerraformMissing, find_terraform

from .oci import Image
from .sandbox import Sandbox, running_sandbox


@pytest.fixture(scope="session")
def image() -> Callable[[str], Image]:
    """`image("gate")`: as it was pulled by its digest."""
    if missing := lacking():
        pytest.skip(missing)
    folder = Workshop().folder
    try:
        built = json.loads((folder / "images.json").read_text("utf-8"))
    except FileNotFoundError:
        built = {}

    def of(name: str) -> Image:
        if name not in built:
            pytest.skip(f"the image {name} is not built; `make images` builds it and runs these tests")
        return Image(
            name, folder / "roots" / name, folder / "pulled" / name, built[name]["digest"], built[name]["revision"]
        )

    return of


@pytest.fixture(params=NAMES)
def each(request: pytest.FixtureRequest, image: Callable[[str], Image]) -> Image:
    """Each of them in turn."""
    return image(request.param)


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform, as it is installed on this machine; without it, or without its provider, the test is skipped."""
    try:
        return find_terraform(tmp_path_factory.mktemp("terraform"))
    except TerraformMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def mocked(terraform: Terraform) -> Iterator[dict[str, str]]:
    """What leads Terraform to a provider that is only asked what it knows."""
    with running_provider(terraform.provider, LESS_WORK) as reached:
        yield reached


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """The payment gateway."""
    with running_sandbox(tmp_path) as answering:
        yield answering
