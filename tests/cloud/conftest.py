"""One emulated AWS for each test process, an account of its own for each test, and Terraform where it is found."""

from collections.abc import Iterator

import pytest

from .emulated import Account, EmulatedAws, running_emulator


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """The emulated AWS of this test process."""
    with running_emulator(tmp_path_factory.mktemp("aws")) as emulated:
        yield emulated


@pytest.fixture
def account(aws: EmulatedAws) -> Account:
    """An empty account in it."""
    return aws.account()
