"""Run Command without AWS: an agent that runs what it is sent, and answers as the service does."""

import subprocess
from datetime import UTC, datetime
from uuid import uuid4

from botocore.exceptions import ClientError

from marketday.provisioners.terraform.shell import Host

from .a_build_host import client

HOST = Host("i-0123456789abcdef0", "10.0.0.1", 22, datetime.now(UTC))
SHOWN = 24_000  # characters of an output that AWS gives


class Agent:
    """Run Command as AWS does it, but here: an answer after a while, and only the first part of what was printed."""

    meta = client("ssm").meta

    def __init__(self, temporary):
        self.temporary, self.path, self.late = temporary, "", 0
        self.status = "Success"
        self.registered = True
        self.commands = {}

    def send_command(self, InstanceIds, DocumentName, Parameters, TimeoutSeconds):  # noqa: N803
        assert (len(InstanceIds), DocumentName, TimeoutSeconds) == (1, "AWS-RunShellScript", 30)
        if not self.registered:
            raise refusal("InvalidInstanceId", "SendCommand")
        text = "\n".join(Parameters["commands"])
        environment = {"PATH": f"{self.path}:/usr/bin:/bin:/usr/sbin:/sbin", "TMPDIR": str(self.temporary)}
        done = subprocess.run(["/bin/sh", "-c", text], env=environment, capture_output=True, check=False)
        self.commands[number := str(uuid4())] = [self.late, done]
        return {"Command": {"CommandId": number}}

    def get_command_invocation(self, CommandId, InstanceId):  # noqa: N803
        assert InstanceId.startswith("i-")
        left, done = self.commands[CommandId]
        self.commands[CommandId][0] -= 1
        if left == 2:
            raise refusal("InvocationDoesNotExist", "GetCommandInvocation")
        if left > 0:
            return {"Status": "InProgress", "StatusDetails": "InProgress"}
        status = self.status if done.returncode == 0 else "Failed"
        shown = done.stdout.decode()[:SHOWN]
        return {
            "Status": "Failed" if status != "Success" else status,
            "StatusDetails": status,
            "StandardOutputContent": shown,
            "StandardErrorContent": "",
        }


def refusal(code, operation):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
