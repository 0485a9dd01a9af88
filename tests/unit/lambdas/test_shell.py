from datetime import UTC, datetime

import pytest

from marketday.environments.ports import NotYet
from marketday.lambdas.errors import InvalidEvent
from marketday.lambdas.shell import reply
from marketday.provisioners.terraform.shell import Host, Reply

HOST = {"id": "i-1", "address": "10.0.0.4", "port": 22, "launched_at": "2026-12-09 13:00:00+00:00"}


class Shell:
    def __init__(self, came):
        self.came, self.asked = came, []

    async def run(self, host, command, stdin=b""):
        self.asked.append((host, command, stdin))
        return self.came


async def test_it_runs_what_it_is_asked_and_answers():
    shell = Shell(Reply(0, "hello"))
    assert await reply(shell, {"host": HOST, "command": "cat", "stdin": "aGVsbG8="}) == {
        "exit_code": 0,
        "output": "hello",
    }
    host = Host("i-1", "10.0.0.4", 22, datetime(2026, 12, 9, 13, tzinfo=UTC))
    assert shell.asked == [(host, "cat", b"hello")]
    assert await reply(Shell(NotYet("asleep")), {"host": HOST, "command": "cat", "stdin": ""}) == {"not_yet": "asleep"}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (None, "host and command and stdin"),
        ({"environment": "x", "wake": "tick"}, "host and command and stdin"),
        ({"host": {"id": "i-1"}, "command": "hush", "stdin": ""}, "host"),
        ({"host": HOST, "stdin": ""}, "command"),
    ],
)
async def test_another_event_is_refused_with_what_is_missing(event, named):
    with pytest.raises(InvalidEvent, match=f"^(A function.*: )?{named}: missing") as raised:
        await reply(Shell(Reply(0, "")), event)
    assert "hush" not in str(raised.value)
