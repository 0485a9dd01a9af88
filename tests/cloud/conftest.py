"""One emulated AWS for each test process, an account of its own for each test, and Terraform where it is found."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .emulated import Account, EmulatedAws, running_emulator
from .terraform import Stack, Terraform, TerraformMissing, copy_of_stacks, find_terraform

LONGEST = (  # of this folder, the longest first
    "test_all_stacks_together",
    "test_a_stack_on_its_own[event]",
    "test_a_stack_on_its_own[permanent]",
    "test_a_stack_on_its_own[prod]",
    "test_a_stack_on_its_own[link]",
    "test_chain_lambda.py::test_from_a_schedules_input",
    "test_killed_at_each_call_in_turn",
    "test_from_no_instance_to_a_stack",
)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """The emulated AWS of this test process."""
    with running_emulator(tmp_path_factory.mktemp("aws")) as emulated:
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
def new_stack(terraform: Terraform, account: Account, stacks: Path) -> Callable[..., Stack]:
    """`new_stack("event", variables)`: a stack of the copy, ready to be applied into the test's account."""

    def make(name: str, variables: dict[str, Any]) -> Stack:
        return Stack(terraform, stacks / name, account, variables)

    return make


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with one of the longest tests, which mostly wait: it is given two tests at a time."""
    long = sorted((item for item in items if _length(item) < len(LONGEST)), key=_length)
    short = [item for item in items if item not in long]
    begun = [each for pair in zip(long, short, strict=False) for each in pair]
    items[:] = [*begun, *long[len(short) :], *short[len(long) :]]


def _length(item: pytest.Item) -> int:
    """Return how far up a test stands among the longest."""
    return next((place for place, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what did not run, and what would make it run."""
    here = "tests/cloud/"
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if report.nodeid.startswith(here)]
    reasons = {report.longrepr[2].removeprefix("Skipped: ") for report in skipped if isinstance(report.longrepr, tuple)}
    if reasons:
        terminalreporter.section("WARNING: cloud tests were skipped", sep="!", yellow=True, bold=True)
        for reason in sorted(reasons):
            count = sum(reason in report.longrepr[2] for report in skipped)
            terminalreporter.line(f"{count} skipped: {reason}", yellow=True)
