"""A build host's shell through SSM Run Command: no key and no open port, but the instance's role, and CloudTrail."""

import asyncio
import base64
import shlex
import time
from typing import Any

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostUnavailable
from marketday.provisioners.terraform.shell import Host, Reply

_PATIENCE_SECONDS = 20
_PAUSE_SECONDS = 0.5
_PART_BYTES = 20_000  # of an output: AWS shows only the first 24,000 characters
_AGENT_SECONDS = 30  # how long an agent may take to start a command; AWS allows no less
_UNFINISHED = {"Pending", "InProgress", "Delayed"}
_SILENT = {"Undeliverable", "Terminated", "DeliveryTimedOut", "Cancelled"}


class SsmShell:
    """A `Shell` that uses Run Command, as root. Implements `terraform.shell.Shell`."""

    def __init__(self, ssm: Any) -> None:
        """Call Systems Manager with its client `ssm`."""
        self._ssm = ssm

    async def run(self, host: Host, command: str, stdin: bytes = b"") -> Reply | NotYet:
        """Send `command`, and read its output in parts.

        Raises:
            HostUnavailable: it did not end within 20 seconds, or was not carried out.
            AccessRefused: the role may not send commands.

        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        try:
            first = await self._send(host, _kept(command, stdin), deadline)
        except HostUnavailable as error:
            if error.extra.get("code") != "InvalidInstanceId":
                raise
            return NotYet("its SSM agent is not registered")
        if isinstance(first, NotYet):
            return first
        head, _, output = first.partition("\n")
        code, size, file = _head(host, head)
        while len(output) < size:
            part = await self._send(host, _part(file, len(output)), deadline)
            if isinstance(part, NotYet):
                return part
            if not part:
                raise HostUnavailable(f"{host}: the output of a command is gone after {len(output)} of {size} bytes")
            output += part
        decoded = base64.b64decode(output)
        return Reply(code, decoded.decode(errors="replace"))

    async def _send(self, host: Host, text: str, deadline: float) -> str | NotYet:
        """Return what the shell text `text` prints."""
        sent = await call(
            self._ssm,
            "send_command",
            InstanceIds=[host.id],
            DocumentName="AWS-RunShellScript",
            Parameters={"commands": text.split("\n")},
            TimeoutSeconds=_AGENT_SECONDS,
        )
        number = sent["Command"]["CommandId"]
        while (answer := await self._answer(host, number)) is None:
            if time.monotonic() >= deadline:
                raise HostUnavailable(f"{host}: command {number} did not end within {_PATIENCE_SECONDS} seconds")
            await asyncio.sleep(_PAUSE_SECONDS)
        status = answer.get("StatusDetails") or answer["Status"]
        if status in _SILENT:
            return NotYet(f"its SSM agent did not take the command: {status}")
        if status != "Success":
            told = answer.get("StandardErrorContent", "").strip()
            raise HostUnavailable(f"{host}: command {number} ended as {status}: {told or 'no reason given'}")
        return str(answer["StandardOutputContent"])

    async def _answer(self, host: Host, number: str) -> dict[str, Any] | None:
        """Return the result of a command, or None if it has not ended."""
        try:
            answer = await call(self._ssm, "get_command_invocation", CommandId=number, InstanceId=host.id)
        except HostUnavailable as error:
            if error.extra.get("code") != "InvocationDoesNotExist":  # sent a moment ago
                raise
            return None
        return None if answer["Status"] in _UNFINISHED else answer


def _kept(command: str, stdin: bytes) -> str:
    """Return shell text that runs `command` and prints its exit code, its output's size and file, and the first part.

    The output is printed as base64, so that any bytes can be counted and sent.
    """
    return f"""\
umask 077
export HOME="${{HOME:-/root}}"
kept=$(mktemp) || exit 1
echo {base64.b64encode(stdin).decode()} | base64 -d | /bin/sh -c {shlex.quote(command)} > "$kept.raw" 2>&1
code=$?
base64 < "$kept.raw" | tr -d '\\n' > "$kept"
rm -f "$kept.raw"
size=$(($(wc -c < "$kept")))
echo "$code $size $kept"
head -c {_PART_BYTES} "$kept"
[ "$size" -gt {_PART_BYTES} ] || rm -f "$kept"
exit 0"""


def _part(file: str, start: int) -> str:
    quoted = shlex.quote(file)
    return f"""\
tail -c +{start + 1} {quoted} | head -c {_PART_BYTES}
[ $(($(wc -c < {quoted}))) -gt {start + _PART_BYTES} ] || rm -f {quoted}"""


def _head(host: Host, line: str) -> tuple[int, int, str]:
    parts = line.split(" ", 2)
    if len(parts) != 3 or not all(each.isdigit() for each in parts[:2]):  # noqa: PLR2004 - code, size, file
        raise HostUnavailable(f"{host}: its shell answered {line[:80]!r}; expected an exit code, a size and a file")
    return int(parts[0]), int(parts[1]), parts[2]
