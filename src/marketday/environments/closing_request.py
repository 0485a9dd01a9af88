"""The request to close an open drop early, where only another process reaches the drop's servers."""

from dataclasses import replace
from uuid import UUID

from marketday.environments.errors import EnvironmentBusy
from marketday.environments.model import CLOSE_ASKED, Environment, State
from marketday.environments.ports import EnvironmentStore


async def ask_to_close(store: EnvironmentStore, environment_id: UUID, by: str) -> Environment:
    """Record that `by` wants an open drop to be closed now; the process that does the step `drain` does it.

    The drop is handed back and its environment is destroyed then. What people hold when it closes, they may still pay
    for. Repeating it changes nothing. Raises EnvironmentBusy if another process is doing a step of it.
    """
    async with store.lock(environment_id) as mine:
        environment = await store.get(environment_id)
        if not mine:
            raise EnvironmentBusy(f"environment {environment_id} is in the middle of a step; try again in a moment")
        if environment.to_close or environment.state is not State.OPEN:
            return environment
        return await store.save(replace(environment, outputs={**environment.outputs, CLOSE_ASKED: by}), None)
