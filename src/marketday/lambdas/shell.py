"""The function inside the build host's network: it only runs the shell calls of the lifecycle's function."""

from collections.abc import Mapping
from typing import Any

from marketday.lambdas.errors import InvalidEvent
from marketday.provisioners.terraform import far_shell
from marketday.provisioners.terraform.shell import Shell

_ASKED = {"host": ("id", "address", "port", "launched_at"), "command": (), "stdin": ()}


async def reply(shell: Shell, event: Any) -> dict[str, Any]:
    """Run the request of a `FarShell` with `shell`, and return the answer that it expects.

    Raises:
        InvalidEvent: it names what is missing. The event is not shown, because a command may contain secrets.

    """
    missing = [key for key, inner in _ASKED.items() if not _has(event, key, inner)]
    if missing:
        raise InvalidEvent(
            f"{' and '.join(missing)}: missing, or not complete; expected the event that `FarShell` sends"
        )
    return await far_shell.answer(shell, event)


def _has(event: Any, key: str, inner: tuple[str, ...]) -> bool:
    if not isinstance(event, Mapping) or key not in event:
        return False
    return not inner or (isinstance(event[key], Mapping) and all(name in event[key] for name in inner))
