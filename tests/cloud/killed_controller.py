"""Controllers on AWS that kill themselves at one moment of one step: as a program it forks one for each line.

A line is a list: the environment, the step, the moment ("started" or "effect"; empty: to the step's end), and how much
later than now it is, in seconds. The answer is the controller's exit code. All else comes from the environment's
variables, and from the file that the first argument names.
"""

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tests.cloud.day_servers import LOOPBACK
from tests.cloud.lifecycle_account import Clock, Launching, ShellFunction

from marketday.apps import aws
from marketday.apps.aws_lifecycle import open_aws_lifecycle
from marketday.apps.local_lifecycle import MallSide
from marketday.environments.model import Outcome, Step
from marketday.provisioners.terraform.aws import client
from marketday.rounds.environments import tend


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class DyingSteps:
    """The steps, and death between the end of one and its record."""

    def __init__(self, steps, fatal):
        self._steps, self._fatal = steps, fatal

    async def do(self, step, environment, now):
        result = await self._steps.do(step, environment, now)
        if self._fatal == (step, "effect") and type(result).__name__ == "Done":
            die()
        return result

    async def receipt(self, environment):
        return await self._steps.receipt(environment)


class DyingStore:
    """The records, and death right after one of them."""

    def __init__(self, store, fatal):
        self._store, self._fatal = store, fatal

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def save(self, environment, record):
        saved = await self._store.save(environment, record)
        if record is not None and record.outcome is Outcome.STARTED and self._fatal == (record.step, "started"):
            die()
        return saved


async def work(given, environment_id, step, moment, more_seconds):
    """Be the controller of one line."""
    clock = Clock()
    clock.more = timedelta(seconds=more_seconds)
    launching = Launching(client("ec2"), clock)
    site = aws.AwsSite(
        client=lambda service: launching if service == "ec2" else client(service),
        functions=ShellFunction,
        address_of=lambda _: (LOOPBACK, given["sshd_port"]),
        runs_folder=given["runs_folder"],
        backend={"use_path_style": True},
        clock=clock,
    )
    mall = {**given["mall"], "signing_key_file": Path(given["mall"]["signing_key_file"])}
    async with open_aws_lifecycle(MallSide(**mall), aws.OnAws(aws.Settings(), site)) as lifecycle:
        service = lifecycle.service
        service._steps = DyingSteps(service._steps, (step, moment))
        service._store = DyingStore(service._store, (step, moment))
        before = _times(step, await lifecycle.store.steps(environment_id))
        while _times(step, await lifecycle.store.steps(environment_id)) == before:
            await tend(service, environment_id)
            await asyncio.sleep(0.2)


def _times(step, diary):
    return [line.step for line in diary if line.outcome is Outcome.DONE].count(step)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    for line in sys.stdin:
        environment_id, step, moment, more_seconds = json.loads(line)
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # what it logs is no answer
            asyncio.run(work(given, UUID(environment_id), Step(step), moment, more_seconds))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
