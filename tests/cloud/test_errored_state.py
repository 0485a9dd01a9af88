"""A state that S3 does not take at the end of an apply: real Terraform, and an emulated S3 that refuses."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from marketday.environments.ports import NotYet
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import RunFailed
from marketday.provisioners.terraform.model import Stack
from marketday.provisioners.terraform.running import StackRunner
from marketday.provisioners.terraform.script import ERRORED, LOG, Source, folder
from marketday.provisioners.terraform.this_machine import ThisMachine
from marketday.testing.terraform import MemoryRuns

from .build_host import repository_of
from .emulated import REGION

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the PATH")
STACK = """
terraform {
  backend "s3" {}
}
variable "ends" { type = string }
variable "goes_on" { type = string }
resource "terraform_data" "slow" {
  input = var.ends
  triggers_replace = var.ends
  provisioner "local-exec" { command = "until [ -e ${var.goes_on} ]; do sleep 0.05; done; exit ${var.ends}" }
}
"""
# The script's pauses, of which the first waits for the test.
SLEEP = """#!/bin/sh
case $1 in 5) echo paused; until [ -e {go} ]; do /bin/sleep 0.05; done ;; 15 | 30) ;; *) exec /bin/sleep "$@" ;; esac
"""


class Workshop:
    def __init__(self, account, where: Path):
        self.account, self.s3, self.bucket = account, account.client("s3"), f"marketday-state-{account.number}"
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        backend = {"bucket": self.bucket, "region": REGION, "use_lockfile": True, "use_path_style": True}
        self.repository, commit = repository_of(where / "repository", "infra/terraform/event/main.tf", STACK)
        self.work, self.made, self.pause_over = where / "work", where / "made", where / "pause-over"
        tools = where / "tools"
        tools.mkdir()
        (tools / "sleep").write_text(SLEEP.format(go=self.pause_over))
        (tools / "sleep").chmod(0o755)
        (where / "rc").write_text("disable_checkpoint = true\n")
        settings = {"PATH": f"{tools}:{os.environ['PATH']}", "TF_CLI_CONFIG_FILE": str(where / "rc")}
        self.source = Source(str(self.repository), backend)
        self.host = ThisMachine(self.work, self.source, {**account.environment, **settings})
        self.runs, self.environment = MemoryRuns(), new_id()
        self.runner = StackRunner(self.runs, self.host, commit, SystemClock())

    def _goes_on(self, ends):
        return self.runner.applied(
            self.environment, Stack.EVENT, {"ends": ends, "goes_on": str(self.made)}, lambda _: None
        )

    async def until_log_says(self, words, ends="0"):
        async with asyncio.timeout(60):
            while True:
                assert isinstance(await self._goes_on(ends), NotYet)
                run = await self.runs.latest(self.environment, Stack.EVENT)
                log = self.work / folder(run) / LOG
                if log.exists() and words in log.read_text():
                    return
                await asyncio.sleep(0.05)

    async def applied(self, ends="0"):
        async with asyncio.timeout(60):
            while isinstance(result := await self._goes_on(ends), NotYet):
                await asyncio.sleep(0.05)
        return result

    async def refused(self, ends="0", *, also_the_lock):
        """Let an apply make its thing, and S3 refuse the state then."""
        await self.until_log_says("Provisioning with 'local-exec'", ends)
        self.account.fail("s3", "PutObject", "AccessDenied", times=None, contains="terraform_data")
        if also_the_lock:
            self.account.fail("s3", "DeleteObject", "AccessDenied", times=None)
        self.made.touch()
        await self.until_log_says("\npaused\n", ends)  # after the first attempt to write it

    async def last_folder(self):
        return self.work / folder(await self.runs.latest(self.environment, Stack.EVENT))

    def state(self):
        key = f"environments/{self.environment}/event.tfstate"
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def write(self, state):
        key = f"environments/{self.environment}/event.tfstate"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(state))

    def locked(self):
        listed = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [each["Key"] for each in listed if each["Key"].endswith(".tflock")]


@pytest.fixture
def workshop(account, tmp_path):
    return Workshop(account, tmp_path)


@pytest.mark.parametrize("also_the_lock", [False, True])
async def test_it_is_written_once_s3_takes_it_and_its_own_lock_is_opened(workshop, also_the_lock):
    await workshop.refused(also_the_lock=also_the_lock)
    workshop.account.heal()
    workshop.pause_over.touch()
    with pytest.raises(RunFailed, match="Failed to persist state to backend"):
        await workshop.applied()
    [made] = workshop.state()["resources"]
    assert made["name"] == "slow"
    assert workshop.locked() == []
    await workshop.applied()
    assert (await workshop.runs.of_environment(workshop.environment))[-2].changes == ()


async def test_it_never_replaces_a_newer_state(workshop):
    workshop.made.touch()
    await workshop.applied()
    newer = workshop.state()
    newer["serial"] += 90
    workshop.made.unlink()
    await workshop.refused(ends="00", also_the_lock=False)
    workshop.account.heal()
    workshop.write(newer)
    workshop.pause_over.touch()
    with pytest.raises(RunFailed):
        await workshop.applied(ends="00")
    assert workshop.state() == newer
    assert json.loads((await workshop.last_folder() / ERRORED).read_text())["resources"]  # for a person


async def test_what_an_earlier_run_could_not_write_is_kept_and_not_pushed(workshop):
    workshop.made.touch()
    await workshop.applied()
    now = workshop.state()
    stack = (await workshop.last_folder()).parent / "repository" / "infra" / "terraform" / "event"
    (stack / ERRORED).write_text(json.dumps({**now, "serial": now["serial"] + 9, "resources": []}))
    workshop.pause_over.touch()
    with pytest.raises(RunFailed, match="apply: "):
        await workshop.applied(ends="7")
    assert [each["name"] for each in workshop.state()["resources"]] == ["slow"]
    kept = list((await workshop.last_folder()).parent.glob(f"*/earlier-{ERRORED}"))
    assert [json.loads(each.read_text())["serial"] for each in kept] == [now["serial"] + 9]
