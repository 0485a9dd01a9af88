"""A build host's shell through another Lambda function, which is in the host's network and connects to it by SSH.

The function that moves environments calls that function with `FarShell`, and so needs no SSH key; `answer` runs in the
called function. They exchange JSON.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform import errors
from marketday.provisioners.terraform.aws import call, client
from marketday.provisioners.terraform.errors import HostUnavailable, TerraformError
from marketday.provisioners.terraform.shell import Host, Reply, Shell

_ANSWER_SECONDS = 50  # the called function may take 45, the calling one 60
# All errors by their slugs, so that an error that is permanent in the called function is permanent here too.
_ERRORS: dict[str, type[TerraformError]] = {
    each.slug: each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TerraformError)
}


def caller(region: str | None = None) -> Any:
    """Return a client of Lambda that waits as long as the called function may take, and does not repeat a call."""
    return client("lambda", region, answer_seconds=_ANSWER_SECONDS, attempts=1)


class FarShell:
    """A `Shell` in another function. Implements `terraform.shell.Shell`."""

    def __init__(self, functions: Any, name: str) -> None:
        """Call the function `name` with the client `functions`, which `caller` makes."""
        self._functions = functions
        self._name = name

    async def run(self, host: Host, command: str, stdin: bytes = b"") -> Reply | NotYet:
        """Let the other function run `command`.

        Raises:
            HostUnavailable, HostKeyDiffers, SecretMissing, AccessRefused: the other function failed with this error.

        """
        request = {
            "host": {"id": host.id, "address": host.address, "port": host.port, "launched_at": str(host.launched_at)},
            "command": command,
            "stdin": base64.b64encode(stdin).decode(),
        }
        payload = json.dumps(request).encode()
        answer = await call(self._functions, "invoke", FunctionName=self._name, Payload=payload)
        told = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise HostUnavailable(f"{host}: the function {self._name} failed: {told.get('errorMessage', 'no reason')}")
        if "error" in told:
            raise _ERRORS.get(told["error"], HostUnavailable)(told["detail"])
        if "not_yet" in told:
            return NotYet(told["not_yet"])
        return Reply(told["exit_code"], told["output"])


async def answer(shell: Shell, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run a `FarShell`'s request with `shell`, and return the answer that it expects."""
    told = request["host"]
    host = Host(told["id"], told["address"], told["port"], datetime.fromisoformat(told["launched_at"]))
    try:
        came = await shell.run(host, request["command"], base64.b64decode(request["stdin"]))
    except TerraformError as error:
        return {"error": error.slug, "detail": error.detail}
    if isinstance(came, NotYet):
        return {"not_yet": came.reason}
    return {"exit_code": came.exit_code, "output": came.output}
