"""A controller as a pod on EKS has it: only environment variables, a mounted key, and no place to write.

The kernel's Landlock stands for a read-only root. It reads nothing of this machine's planes, because there are none.
"""

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from marketday.environments.model import State, Step
from marketday.handback.receipt import ReceiptVerifier
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.local.walls import landlock
from marketday.testing.terraform_program import StandIn

from .build_host import a_machine, make_keys
from .lifecycle_account import ARN, ISSUER, Chain, a_slack

LONGEST_SECONDS = 60
NOTHING_IS_WRITTEN = """
import ctypes, runpy, sys
from pathlib import Path
from marketday.provisioners.local.walls.landlock import Ruleset, abi

ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
rules = Ruleset(abi(), ports=())
rules.read([Path("/")])
rules.write([Path("/dev/null")])
rules.enter()
runpy.run_module("marketday.apps.controller", run_name="__main__")
"""

pytestmark = pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock, so nothing can be read-only")


@pytest.fixture
def chain(account, wired, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    StandIn(tools)
    public = asyncio.run(make_keys(account))
    with a_slack() as slack, a_machine(account, tmp_path, public, account.environment, tools) as machine:
        yield wired(Chain(machine, "none", "0" * 40, slack))


@pytest.fixture
def variables(chain, mall_database_url, tmp_path):
    key = tmp_path / "signing-key.json"
    key.write_text(json.dumps(chain.key.as_dict(private=True)))
    pod = {
        "PORT": str(free_ports(1)[0]),
        "PROVISIONER": "terraform",
        "PAUSE_SECONDS": "0.2",
        "DATABASE_URL": mall_database_url,
        "PUBLIC_URL": ISSUER,
        "SIGNING_KEY_FILE": str(key),
        "GATEWAY_URL": "http://127.0.0.1:9",
        "GATEWAY_KEY": "the-key-of-the-merchant",
        "LIFECYCLE_FUNCTION_ARN": ARN,
    }
    return {**chain.variables, **{f"MARKETDAY_{name}": value for name, value in pod.items()}}


@contextmanager
def a_pod(variables, folder):
    """Run the controller in `folder`; it ends as Kubernetes ends it."""
    argv = [sys.executable, "-B", "-c", NOTHING_IS_WRITTEN]
    process = subprocess.Popen(argv, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode in (0, -signal.SIGTERM), said.decode()


def asked(variables, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{variables['MARKETDAY_PORT']}{path}", timeout=5) as answer:
        return json.load(answer)


async def eventually(reached):
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            try:
                if found := await asyncio.to_thread(reached):
                    return found
            except OSError:
                pass
            await asyncio.sleep(0.1)


async def test_a_controller_of_variables_alone_signs_a_receipt_and_writes_nothing(chain, variables, tmp_path):
    drop = await asyncio.to_thread(chain.request, "given-up", hours=12)
    await chain.operator().lambda_service().destroy(drop.id)
    folder = tmp_path / "empty"
    folder.mkdir()
    with a_pod(variables, folder):
        receipt = await eventually(lambda: drop.record.outputs.get("receipt"))
        assert asked(variables, "/readyz")["environments"].keys() == {str(drop.id)}
        assert asked(variables, "/planes") == []
    ReceiptVerifier(await chain.operator().mall_keys()).check(receipt, drop.id)
    assert list(folder.iterdir()) == []
    record = await chain.operator().store.get(drop.id)
    assert (record.state, Step.HAND_BACK in record.done) == (State.VERIFIED, True)
    # Nobody waits for its day; only for the lease, if the controller was ended in the middle of a look.
    await asyncio.to_thread(drop.wake_until, state=State.DESTROYED)


def test_a_controller_without_the_settings_of_aws_ends_with_one_line(variables, tmp_path):
    for name in ("RUN_TABLE", "LIFECYCLE_FUNCTION_ARN"):
        del variables[f"MARKETDAY_{name}"]
    argv = [sys.executable, "-m", "marketday.apps.controller"]
    process = subprocess.Popen(argv, cwd=tmp_path, env=variables, stderr=subprocess.PIPE, text=True)
    _, said = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 2
    [line] = said.splitlines()
    assert "MARKETDAY_RUN_TABLE: Field required; MARKETDAY_LIFECYCLE_FUNCTION_ARN: missing" in line
