"""The steps that need both databases: only the mall's controller can do them, not a function outside its network."""

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from marketday.environments.model import Environment, Step
from marketday.environments.ports import Access, EnvironmentStore
from marketday.kit.errors import Kind
from marketday.lambdas.errors import LambdaError


class DoneByController(LambdaError):
    """Only the mall's controller can do this step."""

    kind = Kind.CONFLICT
    slug = "done-by-controller"


class LeftToController:
    """A `HandOver`, `Smoke`, `Drain` and `HandBack` that does no step, but can read the receipt that was recorded."""

    def __init__(self, store: EnvironmentStore) -> None:
        """Read receipts from `store`."""
        self._store = store

    async def receipt(self, environment_id: UUID) -> str | None:
        """Return the receipt's token that the hand-back recorded with the environment, if there is one."""
        return (await self._store.get(environment_id)).outputs.get("receipt")

    async def hand_over(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.HAND_OVER, environment)

    async def publish(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.SMOKE, environment)

    async def close_room(self, environment: Environment, access: Access, now: datetime) -> NoReturn:
        """Raise DoneByController."""
        del access, now
        _refuse(Step.HAND_BACK, environment)

    async def walk(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.SMOKE, environment)

    async def window(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.WINDOW, environment)

    async def close(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.DRAIN, environment)

    async def drain(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.DRAIN, environment)

    async def hand_back(self, environment: Environment, access: Access) -> NoReturn:
        """Raise DoneByController."""
        del access
        _refuse(Step.HAND_BACK, environment)

    async def close_drop(self, environment: Environment, access: Access | None, *, must_look: bool) -> NoReturn:
        """Raise DoneByController."""
        del access, must_look
        _refuse(Step.HAND_BACK, environment)

    async def never_opened(self, environment: Environment, access: Access | None, *, must_look: bool) -> NoReturn:
        """Raise DoneByController."""
        del access, must_look
        _refuse(Step.HAND_BACK, environment)


def _refuse(step: Step, environment: Environment) -> NoReturn:
    raise DoneByController(
        f"{step} of environment {environment.id} needs the mall's database; expected the mall's controller to do it"
    )
