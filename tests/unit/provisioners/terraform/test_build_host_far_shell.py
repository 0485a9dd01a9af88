import asyncio
import io
import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ReadTimeoutError

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.errors import (
    AccessRefused,
    HostKeyDiffers,
    HostSilent,
    HostUnavailable,
    NotSetUp,
    SecretMissing,
    TerraformError,
)
from marketday.provisioners.terraform.far_shell import FarShell, answer, caller
from marketday.provisioners.terraform.shell import Host, Reply

REGION = "ap-northeast-2"
HOST = Host("i-0123456789abcdef0", "10.0.0.1", 22, datetime.now(UTC))


class Near:
    """The shell of the function that is asked."""

    def __init__(self):
        self.says = Reply(0, "")
        self.heard = None

    async def run(self, host, command, stdin=b""):
        self.heard = (host, command, stdin)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class Functions:
    """Lambda: invokes the one function there is, as JSON."""

    meta = caller(REGION).meta

    def __init__(self, near):
        self.near = near
        self.fails = None

    def invoke(self, FunctionName, Payload):  # noqa: N803
        assert FunctionName == "the-shell"
        if isinstance(self.fails, Exception):
            raise self.fails
        if self.fails:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(self.fails).encode())}
        told = asyncio.run(answer(self.near, json.loads(Payload)))
        return {"Payload": io.BytesIO(json.dumps(told).encode())}


@pytest.fixture
def near():
    return Near()


@pytest.fixture
def functions(near):
    return Functions(near)


@pytest.fixture
def far(functions):
    return FarShell(functions, "the-shell")


@pytest.mark.parametrize("says", [Reply(3, "한글\n"), NotYet("does not answer SSH")])
async def test_what_the_near_shell_says_is_what_the_far_one_says(near, far, says):
    near.says = says
    assert await far.run(HOST, "echo", b"\0\xff") == says
    assert near.heard == (HOST, "echo", b"\0\xff")


@pytest.mark.parametrize("error", [AccessRefused, HostKeyDiffers, HostSilent, HostUnavailable, NotSetUp, SecretMissing])
async def test_an_error_stays_the_error_that_it_was(near, far, error):
    near.says = error("its words")
    with pytest.raises(error, match="its words"):
        await far.run(HOST, "true")


async def test_an_error_that_another_version_knows_is_a_host_that_cannot_be_had(near, far):
    class Newer(TerraformError):
        slug = "newer"

    near.says = Newer("strange")
    with pytest.raises(HostUnavailable, match="strange"):
        await far.run(HOST, "true")


async def test_a_function_that_fails_or_is_silent_may_answer_later(functions, far):
    functions.fails = {"errorMessage": "2026-12-09 Task timed out after 45.00 seconds"}
    with pytest.raises(HostUnavailable, match=r"i-0123456789abcdef0 .* the-shell failed: .* timed out"):
        await far.run(HOST, "true")
    functions.fails = ReadTimeoutError(endpoint_url="https://lambda.invalid")
    with pytest.raises(HostUnavailable, match="lambda:invoke: Read timeout"):
        await far.run(HOST, "true")


def test_the_caller_waits_longer_than_the_function_may_take_and_less_than_a_minute():
    assert 45 < caller(REGION).meta.config.read_timeout < 60
