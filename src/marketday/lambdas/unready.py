"""What a function works with when its own settings cannot be read: every step fails, and says so to people."""

from typing import NoReturn
from uuid import UUID

from marketday.environments.model import Environment
from marketday.kit.errors import MarketdayError


class Unready:
    """A `Provisioner` that raises `error` whatever it is asked, so that it becomes the step's own failure."""

    def __init__(self, error: MarketdayError) -> None:
        """Raise this error."""
        self._error = error

    async def plan(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def apply(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def open_link(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def close_link(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def keep_up(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def health(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def access(self, environment: Environment) -> NoReturn:
        """Raise the error."""
        del environment
        raise self._error

    async def destroy(self, environment: Environment, receipt: str) -> NoReturn:
        """Raise the error."""
        del environment, receipt
        raise self._error

    async def leftovers(self, environment_id: UUID) -> NoReturn:
        """Raise the error."""
        del environment_id
        raise self._error
