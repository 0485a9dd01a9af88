"""Let Terraform read again what a copied state has. It gets no way to the real state, and never applies."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marketday.provisioners.drift.errors import LookFailed
from marketday.provisioners.drift.state import Copy

_SECONDS = 900
_MOST_WORDS = 1500
PROVIDERS = Path("/etc/marketday.tfrc")  # where a build host's user data says where its provider is


class TerraformLook:
    """Runs `terraform plan -refresh-only` on a copy, in a folder that only this user can read and that is removed."""

    def __init__(self, program: str = "terraform", surroundings: Mapping[str, str] | None = None) -> None:
        """Run `program` with the variables of this process and `surroundings`."""
        self._program = program
        self._surroundings = dict(surroundings or {})

    def plan(self, name: str, copy: Copy) -> dict[str, Any]:
        """Return the plan of the state `name`, as `terraform show -json` prints it.

        Raises:
            LookFailed: Terraform is missing, takes too long, or AWS refused to be read.

        """
        with tempfile.TemporaryDirectory(prefix="marketday-drift-") as folder:  # 0700
            for file, text in copy.files.items():
                (Path(folder) / file).write_text(text, "utf-8")
            self._run(folder, name, "init", "-input=false", "-no-color", "-backend=false")
            self._run(
                *(folder, name, "plan", "-refresh-only", "-lock=false", "-input=false", "-no-color"),
                *("-parallelism=20", "-out=plan"),
            )
            shown: dict[str, Any] = json.loads(self._run(folder, name, "show", "-json", "plan"))
            return shown

    def _run(self, folder: str, name: str, *arguments: str) -> str:
        passed = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        if PROVIDERS.is_file():
            passed["TF_CLI_CONFIG_FILE"] = str(PROVIDERS)
        passed |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **self._surroundings}
        try:
            done = subprocess.run(
                [self._program, *arguments],
                cwd=folder, env=passed, capture_output=True, text=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise LookFailed(f"{self._program} is not on the path; expected Terraform 1.11") from None
        except subprocess.TimeoutExpired:
            raise LookFailed(f"{name}: terraform {arguments[0]} took more than {_SECONDS} seconds") from None
        if done.returncode:
            raise LookFailed(f"{name}: terraform {arguments[0]}: {_errors(done.stderr)}")
        return done.stdout


def _errors(told: str) -> str:
    lines = [line.strip("│╷╵ ") for line in told.splitlines()]
    return " ".join(line for line in lines if line)[:_MOST_WORDS] or "no words"
