"""One emulated AWS for all test processes, an account of its own for each test, and Terraform where it is found."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .emulated import Account, EmulatedAws, shared_emulator
from .lifecycle_account import Chain
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

# Stacks that configure their provider once, as long as they copy nothing to another region.
ONE_CONFIGURATION = frozenset({"dev", "event", "prod", "link"})


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
def wired(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Chain], Chain]]:
    """Let the functions read a chain's settings, as Lambda would give them."""
    import boto3

    from marketday.apps import aws as composed
    from marketday.apps import aws_lambda

    def wire(chain: Chain) -> Chain:
        for name, value in chain.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would go on with the account of an earlier chain
        monkeypatch.setattr(aws_lambda, "configure", lambda *_: None)
        monkeypatch.setattr(composed, "AwsSite", lambda: chain.site)
        for each in (aws_lambda._lifecycle, aws_lambda._ssh_shell):
            each.cache_clear()
        return chain

    yield wire
    for each in (aws_lambda._lifecycle, aws_lambda._ssh_shell):
        each.cache_clear()


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
            if name in ONE_CONFIGURATION and not variables.get("recovery"):
                provider = running_provider(terraform.provider, provider_environment(account))
                reached = running.enter_context(provider)
            return Stack(terraform, stacks / name, account, variables, reached)

        yield make


@pytest.fixture(scope="session")
def mocked(terraform: Terraform) -> Iterator[dict[str, str]]:
    """What leads Terraform to a provider that is only asked what it knows, as in native tests."""
    with running_provider(terraform.provider, LESS_WORK) as reached:
        yield reached


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
