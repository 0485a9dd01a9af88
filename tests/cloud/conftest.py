"""One emulated AWS for all test processes, an account of its own for each test, and Terraform where it is found."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .emulated import Account, EmulatedAws, shared_emulator
from .provider import running_provider
from .terraform import (
    LESS_WORK,
    Stack,
    Terraform,
    TerraformMissing,
    copy_of_stacks,
    find_terraform,
    provider_environment,
)

HERE = Path(__file__).parent
ONE_CONFIGURATION = frozenset({"event", "prod", "link"})  # stacks that configure their provider once
MAKES_WAY = 10  # niceness
# Each process is given two pieces at the start. Its second waits for its first, so those of middling length come later.
FIRST = (  # as many as there are processes
    "test_a_stack_on_its_own[event]",
    "test_a_stack_on_its_own[permanent]",
    "test_a_stack_on_its_own[prod]",
    "test_a_stack_on_its_own[link]",
    "test_chain_lambda.py",
    "test_terraform_rules.py",
)
LATER = ("test_sweep.py",)
ORDER = (*FIRST, "the short ones", *LATER)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """The emulated AWS, one for all test processes."""
    own = tmp_path_factory.getbasetemp()  # below one that all of them have, where there are several
    with shared_emulator((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "aws") as emulated:
        yield emulated


@pytest.fixture
def account(aws: EmulatedAws) -> Account:
    """An empty account in it."""
    return aws.account()


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform, as it is installed on this machine; without it, or without its provider, the test is skipped."""
    try:
        return find_terraform(tmp_path_factory.mktemp("terraform"))
    except TerraformMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    """A copy of all stacks and modules."""
    return copy_of_stacks(tmp_path)


@pytest.fixture
def new_stack(terraform: Terraform, account: Account, stacks: Path) -> Iterator[Callable[..., Stack]]:
    """`new_stack("event", variables)`: a stack of the copy, ready to be applied into the test's account."""
    with ExitStack() as running:

        def make(name: str, variables: dict[str, Any]) -> Stack:
            reached = {}
            if name in ONE_CONFIGURATION:
                provider = running_provider(terraform.provider, provider_environment(account))
                reached = running.enter_context(provider)
            return Stack(terraform, stacks / name, account, variables, reached)

        yield make


@pytest.fixture(scope="session")
def mocked(terraform: Terraform) -> Iterator[dict[str, str]]:
    """What leads Terraform to a provider that is only asked what it knows, as in native tests."""
    with running_provider(terraform.provider, LESS_WORK) as reached:
        yield reached


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, for what they share; the stacks stand by themselves. The longest first."""
    for item in items:
        if item.path.parent == HERE and item.path.name != "test_stacks.py":
            item.add_marker(pytest.mark.xdist_group(item.path.name))
    items.sort(key=_place)


def pytest_runtest_call(item: pytest.Item) -> None:
    """Let the longest test have the processors: the others make way, with all that they start from here on.

    That is not the emulated AWS, which all of them use.
    """
    if FIRST[0] not in item.nodeid and os.nice(0) < MAKES_WAY:
        os.nice(MAKES_WAY)


def _place(item: pytest.Item) -> int:
    return next((place for place, name in enumerate(ORDER) if name in item.nodeid), len(FIRST))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what did not run, and what would make it run."""
    here = "tests/cloud/"
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if report.nodeid.startswith(here)]
    told = (report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple))
    reasons = Counter(reason.removeprefix("Skipped: ") for reason in told)
    if reasons:
        terminalreporter.section("WARNING: cloud tests were skipped", sep="!", yellow=True, bold=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} skipped: {reason}", yellow=True)
