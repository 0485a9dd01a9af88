"""Libraries that only some installations have: those of the extras in pyproject.toml, imported when they are used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from marketday.kit.errors import Permanent

Extra = Literal["local", "aws"]


class NotInstalled(Permanent):
    """A part of Marketday that this needs is not installed."""

    slug = "not-installed"


@contextmanager
def extra(name: Extra) -> Iterator[None]:
    """Import what the extra `name` brings inside this context.

    Raises:
        NotInstalled: it is missing; the detail says how to install it.

    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (
            error.name is None or error.name.split(".")[0] == "marketday"
        ):  # our own fault, which installing something does not repair
            raise
        raise NotInstalled(f"there is no {error.name} here; install it with: pip install 'marketday[{name}]'") from None
