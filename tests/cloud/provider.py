"""One AWS provider for many commands of Terraform: started once, as for debugging, and its address is handed on.

To start the provider and to read what it knows takes most of a command's processor time. One provider has one
configuration at a time: not for a stack that names several regions, and not for several accounts.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ADDRESS = re.compile(r"^\s*(TF_REATTACH_PROVIDERS)='(.*)'")
_END_SECONDS = 30.0


@contextmanager
def running_provider(program: Path | None, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run the provider in `environment`; yield the variables that lead Terraform to it, none without a program."""
    if program is None:
        yield {}
        return
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ} | {
        name: value
        for name, value in environment.items()
        if name != "AWS_CA_BUNDLE"  # with it, it is configured once
    }
    with subprocess.Popen(
        [str(program), "-debug"], env=passed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            found = next((found for line in child.stdout if (found := ADDRESS.search(line))), None)
            assert found, f"{program.name} ended without saying where it listens"
            yield {found[1]: found[2]}
        finally:
            child.terminate()
            try:
                child.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
