"""Why a stack cannot be removed: what still uses something of it, which Terraform's own error does not say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from marketday.environments.errors import LifecycleError
from marketday.environments.model import Environment
from marketday.environments.notices import trouble_key
from marketday.environments.ports import NotYet
from marketday.provisioners.sweep.model import Leftover
from marketday.provisioners.terraform.errors import RunFailed
from marketday.provisioners.terraform.model import Stack
from marketday.provisioners.terraform.ports import RunStore, Sweep

_IN_USE = re.compile(r"DependencyViolation|deleting ENIs|DRAINING|ClusterContains\w+Exception|BucketNotEmpty")
_HOLDERS = ("network interface", "security group rule", "ECS service", "bucket", "cache")
_log = structlog.get_logger()


class Holders:
    """Finds what holds a stack that a run could not remove."""

    def __init__(self, sweep: Sweep, runs: RunStore) -> None:
        """Look with `sweep`; note what is found with the run in `runs`."""
        self._sweep = sweep
        self._runs = runs

    async def of(self, environment_id: UUID, stack: Stack, failed: RunFailed) -> NotYet:
        """Return what the next run waits for, if AWS usually removes all that holds the stack by itself.

        Raises:
            RunFailed: nothing holds it, or a person has to remove what does: then each is named.

        """
        found = await self._found(environment_id) if _IN_USE.search(failed.detail) else []
        if not found:
            raise failed
        told = f"held by {'; '.join(map(str, found))}"
        latest = await self._runs.latest(environment_id, stack)
        if latest is not None and told not in latest.detail:
            await self._runs.save(latest.waiting(f"{latest.detail}; {told}"))
        if not all(each.passes for each in found):
            raise RunFailed(f"{failed.detail}; {told}", **failed.extra) from failed
        return NotYet(f"the stack {stack} is {told}; it is tried again", trouble=f"The stack {stack} is {told}.")

    async def explained(self, environment: Environment, waiting: NotYet) -> NotYet:
        """Return `waiting`; if its trouble has not been told yet, with what holds the stack."""
        if not waiting.trouble or trouble_key(environment) in environment.told:
            return waiting
        found = await self._found(environment.id)
        held = f" It is held by {'; '.join(map(str, found))}." if found else ""
        return replace(waiting, trouble=f"{waiting.trouble}{held}")

    async def _found(self, environment_id: UUID) -> Sequence[Leftover]:
        try:
            left = await self._sweep.leftovers(environment_id)
        except LifecycleError as error:
            _log.warning("holders_not_found", environment=str(environment_id), detail=error.detail)
            return []
        return [each for each in left if each.advice and each.kind in _HOLDERS]
