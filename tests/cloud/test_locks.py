"""Locks of states in an emulated S3: which are broken, which stay; the command for people, run by real Terraform."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import LockUnclear
from marketday.provisioners.terraform.locks import S3Locks
from marketday.provisioners.terraform.model import Action, Run, Stack
from marketday.provisioners.terraform.script import Source

from .emulated import REGION

STACK = 'terraform {\n  backend "s3" {}\n}\n\nresource "terraform_data" "slow" {\n  input = "1"\n}\n'


class Bucket:
    """A bucket of states, as the stack `permanent` makes it, and a run of which the lock is looked for."""

    def __init__(self, account, *, versions=True):
        self.account, self.name, self.s3 = account, f"marketday-state-{account.number}", account.client("s3")
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if versions:
            self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        backend = {"bucket": self.name, "region": REGION, "use_lockfile": True, "encrypt": True, "use_path_style": True}
        self.run = Run(new_id(), new_id(), Stack.EVENT, Action.APPLY, "c" * 40, {}, datetime.now(UTC))
        self.key = f"environments/{self.run.environment_id}/event.tfstate"
        self.locks = S3Locks(self.s3, Source("", backend))

    def take(self, lock_id, who="ec2-user@i-0abc"):
        """Take the lock as Terraform does: only if nobody has it."""
        body = json.dumps({"ID": lock_id, "Who": who, "Operation": "OperationTypeApply", "Version": "1.11.4"})
        self.put(body, IfNoneMatch="*")

    def put(self, body, **more):
        self.s3.put_object(Bucket=self.name, Key=f"{self.key}.tflock", Body=body, **more)

    def release(self):
        self.s3.delete_object(Bucket=self.name, Key=f"{self.key}.tflock")


class Answering:
    """S3, with an answer to `get_object` of the test's own."""

    def __init__(self, s3, answer):
        self.meta, self._answer = s3.meta, answer

    def get_object(self, **_):
        return self._answer


@pytest.fixture
def bucket(account):
    return Bucket(account)


async def test_a_lock_is_read_and_removed_once(bucket):
    assert await bucket.locks.held(bucket.run) is None
    bucket.take("6a1f")
    lock = await bucket.locks.held(bucket.run)
    assert (lock.id, lock.who) == ("6a1f", "ec2-user@i-0abc")
    for _ in range(2):
        await bucket.locks.remove(bucket.run, lock)
        assert await bucket.locks.held(bucket.run) is None
    bucket.take("next")  # Terraform can take it again
    assert (await bucket.locks.held(bucket.run)).id == "next"


async def test_a_lock_that_was_taken_between_the_look_and_the_removal_stays(bucket):
    bucket.take("lost")
    seen = await bucket.locks.held(bucket.run)
    bucket.release()
    bucket.take("living", "ana@laptop")
    await bucket.locks.remove(bucket.run, seen)
    assert (await bucket.locks.held(bucket.run)).id == "living"


@pytest.mark.parametrize("suspended", [False, True])
async def test_a_lock_without_a_version_of_its_own_is_never_removed(account, suspended):
    bucket = Bucket(account, versions=False)
    bucket.take("6a1f")
    if suspended:  # S3 calls the version null then, whichever lock it is
        answer = bucket.s3.get_object(Bucket=bucket.name, Key=f"{bucket.key}.tflock")
        bucket.locks = S3Locks(Answering(bucket.s3, {**answer, "VersionId": "null"}), bucket.locks._source)
    with pytest.raises(LockUnclear, match=r"event\.tfstate\.tflock: KeyError\('VersionId'\); expected a lock with"):
        await bucket.locks.held(bucket.run)


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"ID": "1"}'])
async def test_an_object_that_is_no_lock_is_told(bucket, body):
    bucket.put(body)
    with pytest.raises(LockUnclear, match="expected a lock"):
        await bucket.locks.held(bucket.run)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the PATH")
async def test_the_command_for_people_breaks_a_lock_that_terraform_respects(bucket, tmp_path):
    stack = tmp_path / "infra" / "terraform" / "event"
    stack.mkdir(parents=True)
    (stack / "main.tf").write_text(STACK)
    (tmp_path / "rc").write_text("disable_checkpoint = true\n")
    environment = {**os.environ, **bucket.account.environment, "TF_CLI_CONFIG_FILE": str(tmp_path / "rc")}

    def run(command, said=""):
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    lock_id = "6d8f4f0e-0f4e-4f0a-9a53-0123456789ab"
    bucket.take(lock_id)
    command = bucket.locks.by_hand(bucket.run, lock_id)
    init, _, unlock = command.partition(" && ")
    assert run(init).returncode == 0
    refused = run("terraform -chdir=infra/terraform/event apply -auto-approve -no-color")
    assert refused.returncode == 1
    assert f"ID:        {lock_id}" in refused.stderr
    wrong = run(f"{init} && {unlock.replace(lock_id, 'another')}", "yes\n")
    assert (wrong.returncode, (await bucket.locks.held(bucket.run)).id) == (1, lock_id)
    shutil.rmtree(stack / ".terraform")
    freed = run(command, "yes\n")
    assert "successfully unlocked" in freed.stdout, freed.stderr
    assert await bucket.locks.held(bucket.run) is None
    assert run("terraform -chdir=infra/terraform/event apply -auto-approve -no-color").returncode == 0
