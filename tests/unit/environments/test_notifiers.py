"""One suite for every notifier: the board of the tests behaves as the log and as Slack."""

import pytest

from marketday.environments.log import LogNotifier
from marketday.environments.slack import SlackNotifier
from marketday.testing.clock import FakeClock
from marketday.testing.environments import NoticeBoard

from .test_slack import AT, hook, notice  # noqa: F401 - a fixture


@pytest.fixture(params=["board", "log", "slack"])
def notifier(request):
    if request.param == "slack":
        return SlackNotifier(request.getfixturevalue("hook").address, "en", FakeClock(AT))
    return NoticeBoard() if request.param == "board" else LogNotifier()


async def test_what_arrived_is_true_each_time(notifier):
    one = notice()
    assert [await notifier.notify(one) for _ in range(2)] == [True, True]


async def test_what_did_not_arrive_is_false_and_no_error(hook):  # noqa: F811 - the fixture
    hook.status = 500
    board = NoticeBoard()
    board.silent = True
    for notifier in (board, SlackNotifier(hook.address, "en", FakeClock(AT))):
        assert await notifier.notify(notice()) is False
    assert board.notices == []
