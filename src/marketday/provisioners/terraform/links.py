"""Whether links to the databases are closed, by the records of Terraform's runs."""

from datetime import datetime
from uuid import UUID

from marketday.environments.model import MAKING_PATIENCE, LinkClosing
from marketday.kit.clock import Clock
from marketday.provisioners.terraform.model import Action, RunState, Stack
from marketday.provisioners.terraform.ports import RunStore


class RecordedLinks:
    """A `LinkWatch` that reads the records of runs, which every process can read."""

    def __init__(self, runs: RunStore, clock: Clock) -> None:
        """Read from `runs`."""
        self._runs = runs
        self._clock = clock

    async def closing(self, environment_id: UUID) -> LinkClosing | None:
        """Return how far the removal of the link is; None if the newest run does not remove it."""
        run = await self._runs.latest(environment_id, Stack.LINK)
        if run is None or run.action is not Action.DESTROY:
            return None
        failure = run.detail if run.state is RunState.FAILED else ""
        if not run.over and self._clock.now() >= run.asked_at + MAKING_PATIENCE:
            failure = f"it was requested at {run.asked_at.isoformat()} and has not ended: {run.detail or run.state}"
        return LinkClosing(
            closed=run.state is RunState.DONE,
            failure=failure,
            at=run.ended_at or run.asked_at,
            until=datetime.fromisoformat(run.variables["expires_at"]),
            log=run.log,
        )
