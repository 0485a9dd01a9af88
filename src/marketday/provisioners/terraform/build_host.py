"""Terraform on a build host, an EC2 instance: short commands through a `Shell` start it detached and look at it."""

from typing import Any
from uuid import UUID

import structlog

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform import remote, script
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.ec2 import BuildHosts
from marketday.provisioners.terraform.errors import HostSilent, HostUnavailable, RunLost
from marketday.provisioners.terraform.model import Run, RunOutcome, Stack
from marketday.provisioners.terraform.ports import Begun
from marketday.provisioners.terraform.script import ERRORED, EXIT, LOG, OUTPUTS, PLAN, Source
from marketday.provisioners.terraform.shell import Host, Reply, Shell

WORK = "/var/tmp/marketday"  # noqa: S108 - the one place that ec2-user (SSH) and root (SSM) may both write to
_MOST_WORDS = 500
_log = structlog.get_logger()


class BuildHost:
    """A `TerraformHost` on EC2. Implements `terraform.ports.TerraformHost`.

    Nothing is kept in memory: after this process was killed, the calls are repeated by another one, which finds the
    host by its tags and the run by its folder.
    """

    def __init__(self, hosts: BuildHosts, shell: Shell, source: Source, s3: Any, work: str = WORK) -> None:
        """Keep runs in the folder `work` on the host, and their logs and plans in the bucket, beside the state."""
        self._hosts = hosts
        self._shell = shell
        self._source = source
        self._s3 = s3
        self._work = work

    async def begin(self, run: Run) -> Begun | NotYet:
        """Make sure that a host exists, and that the script of `run` runs on it; it is started once.

        A host that does not answer is terminated, because nothing is known to run on it; the next call starts another.

        Raises:
            HostSilent: the host is no longer starting, and does not answer.
            HostUnavailable, HostKeyDiffers, SecretMissing, AccessRefused: there is no usable host.

        """
        try:
            return await self._begin(run)
        except HostSilent as error:
            if not self._hosts.is_awaited(run):
                raise
            await self._hosts.end(run.environment_id, run.stack)
            raise HostSilent(f"{error.detail}; it is terminated, and the next call starts another one") from error

    async def _begin(self, run: Run) -> Begun | NotYet:
        host = await self._hosts.ensure(run)
        if isinstance(host, NotYet):
            return host
        if self._hosts.ends_soon(host):
            reply = await self._ask(host, remote.needed(self._work, self._folder(run)))
            if isinstance(reply, Reply) and reply.exit_code:
                await self._hosts.end(run.environment_id, run.stack)
                return NotYet(f"build host {host.id} is too old for another run, and is terminated")
        files = remote.packed(script.files(run, self._source))
        reply = await self._ask(host, remote.start(self._folder(run)), files)
        if isinstance(reply, NotYet):
            return reply
        if reply.exit_code == remote.NO_TOOLS:
            return self._patience(host, reply.output.strip())
        if reply.exit_code:
            raise HostUnavailable(f"{host}: {_words(reply)}")
        _log.info("terraform_run_begun", run=str(run.id), host=host.id)
        return Begun(host.id, remote.who(reply.output))

    async def outcome(self, run: Run) -> RunOutcome | NotYet:
        """Return the result of `run`, with its whole log and its plan kept in the bucket; NotYet says how far it is.

        Raises:
            HostUnavailable, HostKeyDiffers, SecretMissing, AccessRefused: the host cannot be asked.
            RunLost: the run or its host ended without a result, or has not answered for four hours.

        """
        host = await self._hosts.find(run.environment_id, run.stack)
        if isinstance(host, NotYet):
            return host
        if host is None or run.host not in ("", host.id):
            raise RunLost(f"run {run.id} went with its build host {run.host or 'without a name'}, which has ended")
        reply = await self._ask(host, remote.look(self._folder(run)))
        if isinstance(reply, NotYet):
            return reply
        found = remote.seen(reply.output)
        if reply.exit_code or not found:
            raise HostUnavailable(f"{host}: {_words(reply)}")
        if found.state == "running":
            return script.progress(found.texts.get(LOG, ""))
        if found.state == "absent":
            raise RunLost(f"{host} has no run {run.id}; expected its folder {self._folder(run)}")
        return await self._ended(run, found)

    async def release(self, environment_id: UUID, stack: Stack | None = None) -> None:
        """Terminate the environment's build hosts for a stack, or all."""
        await self._hosts.end(environment_id, stack)

    async def gone(self, run: Run) -> bool:
        """Whether the run's instance is terminated, or no longer known to AWS; raises HostUnavailable."""
        return bool(run.host) and await self._hosts.gone(run.host)

    async def _ended(self, run: Run, found: remote.RunSeen) -> RunOutcome:
        texts = found.texts
        place = await self._keep(f"runs/{run.id}.log", texts.get(LOG, ""))
        if EXIT not in texts:
            raise RunLost(f"run {run.id} has no process and no exit code; its log is {place}")
        if PLAN in texts:
            await self._keep(f"runs/{run.id}.plan.json", texts[PLAN])
        log = texts.get(LOG, "")
        if ERRORED in texts:
            kept = await self._keep(f"runs/{run.id}.{ERRORED}", texts[ERRORED])
            log += f"\nError: the state could not be written, and is kept as {kept}"
        return script.outcome(int(texts[EXIT]), log, place, texts.get(PLAN, ""), texts.get(OUTPUTS, ""))

    async def _keep(self, key: str, text: str) -> str:
        bucket = self._source.backend["bucket"]
        await call(self._s3, "put_object", Bucket=bucket, Key=key, Body=text.encode())
        return f"s3://{bucket}/{key}"

    async def _ask(self, host: Host, command: str, stdin: bytes = b"") -> Reply | NotYet:
        reply = await self._shell.run(host, command, stdin)
        return self._patience(host, reply.reason) if isinstance(reply, NotYet) else reply

    def _patience(self, host: Host, reason: str) -> NotYet:
        """Wait for a host that may still be starting; raises HostSilent for any other."""
        if self._hosts.is_young(host):
            return NotYet(f"{host}: {reason}")
        raise HostSilent(f"{host}: {reason}")

    def _folder(self, run: Run) -> str:
        return f"{self._work}/{script.folder(run)}"


def _words(reply: Reply) -> str:
    return f"its shell ended with {reply.exit_code}: {reply.output.strip()[-_MOST_WORDS:] or 'no output'}"
