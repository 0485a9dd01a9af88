"""Terraform for tests: found on this machine, run on copies of the stacks, its state beside the copy."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .emulated import Account

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "infra" / "terraform"
MIRROR_SETTING = "MARKETDAY_TERRAFORM_MIRROR"
PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")
LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
RUN_SECONDS = 420.0
LESS_WORK = {"GOGC": "400"}  # reading the provider's schema makes much garbage: a fifth less, for some memory
CHANGES = 2  # the exit code of `plan -detailed-exitcode` when there is something to do


class TerraformMissing(Exception):
    """Terraform or its provider is not on this machine."""


class TerraformFailed(Exception):
    """Terraform ended with an error."""


@dataclass(frozen=True)
class Terraform:
    """The program, and the settings that let it find the provider."""

    program: str
    settings: Path
    provider: Path | None = None  # the AWS provider's program, where it lies unpacked

    def run(
        self, folder: Path, *arguments: str, also: dict[str, str] | None = None, fine: tuple[int, ...] = (0,)
    ) -> Any:
        """Run it in a folder. Raises TerraformFailed with its words when it ends with another code than a fine one."""
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            "TF_CLI_CONFIG_FILE": str(self.settings),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "TF_CLI_ARGS": "-no-color",
            "CHECKPOINT_DISABLE": "1",
            **LESS_WORK,
            **(also or {}),
        }
        done = subprocess.run(
            [self.program, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        if done.returncode not in fine:
            raise TerraformFailed(f"terraform {' '.join(arguments)} ended with {done.returncode}\n{said(done)}")
        return done


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return a run's errors, or the end of what it said where it printed none."""
    return done.stderr.strip() or done.stdout[-8000:]


def find_terraform(folder: Path) -> Terraform:
    """Find the program and the provider, and write the settings into `folder`.

    Raises TerraformMissing with what is missing and how to get it.
    """
    program = shutil.which("terraform")
    if program is None:
        raise TerraformMissing("terraform is not on the PATH: install 1.11, and these tests run")
    settings, mirror = folder / "terraform.rc", os.environ.get(MIRROR_SETTING)
    if mirror is None:
        cache = folder / "providers"
        cache.mkdir()
        settings.write_text(f'plugin_cache_dir = "{cache}"\ndisable_checkpoint = true\n')
        return _with_network(Terraform(program, settings), folder)
    if not (Path(mirror) / PROVIDER).is_dir():
        how = f"make one with `terraform providers mirror` in {STACKS.relative_to(ROOT)}/event"
        raise TerraformMissing(f"{MIRROR_SETTING} is {mirror}, which holds no {PROVIDER}: {how}")
    provider = _unpacked(Path(mirror) / PROVIDER)
    # Named as one that is being developed, it is taken as it is; else each command reads 700 MB to check their sum.
    override = f'  dev_overrides {{\n    "hashicorp/aws" = "{provider.parent}"\n  }}\n' if provider else ""
    installation = f'provider_installation {{\n{override}  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    settings.write_text(f"{installation}disable_checkpoint = true\n")
    return Terraform(program, settings, provider)


def _unpacked(folder: Path) -> Path | None:
    """Return the provider's program that lies somewhere under `folder`; None where it is packed, as mirrors may be."""
    programs = (path for path in folder.rglob("terraform-provider-aws_v*") if path.suffix != ".zip")
    return next((path for path in programs if path.is_file() and os.access(path, os.X_OK)), None)


def _with_network(terraform: Terraform, folder: Path) -> Terraform:
    probe = folder / "probe"
    probe.mkdir()
    shutil.copy(STACKS / "modules" / "network" / "versions.tf", probe)
    try:
        terraform.run(probe, "init")
    except TerraformFailed as error:
        first = next((line for line in str(error).splitlines() if line.startswith("Error:")), "no error said")
        how = f"set {MIRROR_SETTING} to a directory made by `terraform providers mirror`, or allow the registry"
        raise TerraformMissing(f"the aws provider was not found ({first}): {how}") from error
    return replace(terraform, provider=_unpacked(folder / "providers"))


def copy_of_stacks(folder: Path) -> Path:
    """Copy all stacks and modules, so that nothing that Terraform writes lands in the repository; return the copy.

    Without the values of an account of somebody who has followed docs/aws.md: Terraform would read them.
    """
    copy = folder / "terraform"
    shutil.copytree(STACKS, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars*"))
    for stack in stack_names():
        (copy / stack / "backend_override.tf").write_text(LOCAL_BACKEND)
    return copy


def stack_names() -> list[str]:
    """Return the names of the stacks that the repository has."""
    return sorted(path.parent.name for path in STACKS.glob("*/versions.tf"))


def provider_environment(account: Account) -> dict[str, str]:
    """Return what leads the provider into an account.

    Through the proxy comes what is asked of a host that is none: CloudFront's keys, at <account>.127.0.0.1.
    """
    return {**LESS_WORK, **account.environment, "HTTP_PROXY": account.aws.url}


@dataclass
class Stack:
    """A stack's copy with variables of its own, applied into an account."""

    terraform: Terraform
    folder: Path
    account: Account
    variables: dict[str, Any] = field(default_factory=dict)
    reached: dict[str, str] = field(default_factory=dict)  # leads to a provider that runs; empty: each run starts one

    def __post_init__(self) -> None:
        """Write the variables, and initialise."""
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(self.variables))
        self._run("init")

    def _run(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> Any:
        also = {**provider_environment(self.account), **self.reached}
        done = self.terraform.run(self.folder, *arguments, also=also, fine=fine)
        (self.folder / f"{arguments[0]}.log").write_text(done.stdout, "utf-8")  # how long each thing took, for people
        return done

    def change(self, **variables: Any) -> None:
        """Give it other values of some variables from now on."""
        self.variables |= variables
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(self.variables))

    def plan(self) -> dict[str, Any]:
        """Return the plan as `terraform show -json` tells it."""
        self._run("plan", "-out=tfplan", "-parallelism=40")
        plan: dict[str, Any] = json.loads(self._run("show", "-json", "tfplan").stdout)
        return plan

    def apply(self) -> dict[str, Any]:
        """Apply, and return the outputs."""
        self._run("apply", "-auto-approve", "-parallelism=40")
        return self.outputs

    def drift(self) -> str:
        """Plan again: return nothing, or the plan's own words where it would change something."""
        done = self._run("plan", "-detailed-exitcode", "-parallelism=40", "-lock=false", fine=(0, CHANGES))
        return done.stdout.partition("Terraform will perform")[2] if done.returncode == CHANGES else ""

    def destroy(self, *, refresh: bool = True) -> None:
        """Destroy everything. Straight after a plan nothing has to be read again."""
        self._run("destroy", "-auto-approve", "-parallelism=40", f"-refresh={str(refresh).lower()}")

    @property
    def state(self) -> dict[str, Any]:
        """The state as it is written."""
        state: dict[str, Any] = json.loads((self.folder / "terraform.tfstate").read_text("utf-8"))
        return state

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs, out of the state: asking Terraform would cost a start."""
        return {name: output["value"] for name, output in self.state["outputs"].items()}
