"""The function inside the build host's network: it does what the lifecycle's function asks of a shell, and no more."""

from collections.abc import Mapping
from typing import Any

from marketday.lambdas.errors import InvalidEvent
from marketday.provisioners.terraform import far_shell
from marketday.provisioners.terraform.shell import Shell

_ASKED = {"host": ("id", "address", "port", "launched_at"), "command": (), "stdin": ()}


async def reply(shell: Shell, event: Any) -> dict[str, Any]:
    """Let `shell` run what a `FarShell` asks, and return what it expects.

    Raises:
        InvalidEvent: names what is missing. The event itself is not shown: a command may hold anything.

    """
    missing = [key for key, inner in _ASKED.items() if not _has(event, key, inner)]
    if missing:
        raise InvalidEvent(f"{' and '.join(missing)}: missing, or not complete; expected what `FarShell` sends")
    return await far_shell.answer(shell, event)


def _has(event: Any, key: str, inner: tuple[str, ...]) -> bool:
    if not isinstance(event, Mapping) or key not in event:
        return False
    return not inner or (isinstance(event[key], Mapping) and all(name in event[key] for name in inner))
