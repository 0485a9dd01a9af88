"""The sweep for the lifecycle: it does not report the schedules that start it."""

from collections.abc import Sequence
from uuid import UUID

from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.sweep.model import Leftover, Thing
from marketday.provisioners.terraform.model import environment_name


class OthersSweep:
    """A `Sweep` that leaves out the schedules that start it."""

    def __init__(self, sweep: AwsSweep) -> None:
        """Use `sweep`."""
        self._sweep = sweep

    async def leftovers(self, environment_id: UUID, drop_slug: str | None = None) -> Sequence[Leftover]:
        """Return what is left. The schedules that start the sweep are removed when it has found nothing else."""
        own = f"{environment_name(environment_id)}-"
        found = await self._sweep.leftovers(environment_id, drop_slug)
        return [each for each in found if not (each.kind == "schedule" and each.id.startswith(own))]

    async def things(self, environment_id: UUID) -> Sequence[Thing]:
        """Return what exists of an environment."""
        return await self._sweep.things(environment_id)

    async def remove_late_logs(self, environment_id: UUID) -> Sequence[str]:
        """Remove the log groups that AWS made again."""
        return await self._sweep.remove_late_logs(environment_id)
