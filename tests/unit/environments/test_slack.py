"""Messages in Slack: to a webhook that answers on this machine."""

import time
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from marketday.environments import slack_texts as texts
from marketday.environments.log import LogNotifier
from marketday.environments.model import Step
from marketday.environments.notices import CLOSE_LINK, Notice, NoticeKind
from marketday.environments.slack import SlackNotifier, message
from marketday.kit.ids import new_id
from marketday.kit.languages import StaffLanguage
from marketday.provisioners.terraform.errors import SecretMissing
from marketday.testing.clock import FakeClock
from marketday.testing.environments import NoticeBoard

AT = datetime(2026, 12, 10, 10, 30, tzinfo=UTC)


def notice(kind=NoticeKind.FAILED, reason="apply: RDS said no"):
    environment = new_id()
    command = f"marketday env retry {environment}"
    return Notice(
        "key", kind, environment, "dawn-serum", "Asia/Seoul", Step.PROVISION, reason, AT, command, "s3://b/r.log"
    )


@pytest.fixture
async def hook():
    """A webhook that keeps what it gets; `hook.status` is what it answers."""

    class Hook:
        got: list = []  # noqa: RUF012
        status = 200
        headers: dict = {}  # noqa: RUF012

    hook = Hook()
    hook.got = []

    async def take(request):
        hook.got.append(await request.json())
        return web.Response(status=hook.status, text="ok", headers=hook.headers)

    app = web.Application()
    app.router.add_post("/services/T/B/x", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.port = site._server.sockets[0].getsockname()[1]

    async def address():
        return f"http://127.0.0.1:{hook.port}/services/T/B/x"

    hook.address = address
    yield hook
    await runner.cleanup()


async def test_a_failure_says_environment_step_words_log_and_how_to_retry(hook):
    failed = notice()
    assert await SlackNotifier(hook.address, "en", FakeClock(AT)).notify(failed)
    [sent] = hook.got
    said = str(sent)
    for part in (str(failed.environment_id), "building", "RDS said no", "s3://b/r.log", failed.command):
        assert part in said
    assert sent["text"] == ":red_circle: dawn-serum: building failed"


async def test_korean_is_korean(hook):
    await SlackNotifier(hook.address, "ko", FakeClock(AT)).notify(notice())
    assert hook.got[0]["text"] == ":red_circle: dawn-serum: 환경 만들기 단계가 실패했습니다"
    assert "2026-12-10 19:30:00 +0900" in str(hook.got[0])


async def test_slack_that_is_down_is_asked_again_after_a_pause(hook):
    clock = FakeClock(AT)
    slack = SlackNotifier(hook.address, "en", clock)
    hook.status = 500
    assert not await slack.notify(notice())
    hook.status = 200
    assert not await slack.notify(notice())
    assert len(hook.got) == 1
    clock.advance(31)
    assert await slack.notify(notice())


@pytest.mark.parametrize(
    ("asked", "seconds"), [("60", 60), ("86400", 600), ("9" * 30, 600), ("", 30), ("soon", 30), ("-1", 30)]
)
async def test_a_pause_that_slack_asks_for_is_kept_and_not_waited_for(hook, asked, seconds):
    hook.status, hook.headers = 429, {"Retry-After": asked} if asked else {}
    clock, board = FakeClock(AT), NoticeBoard()
    slack = SlackNotifier(hook.address, "en", clock, board)
    began = time.monotonic()
    assert not await slack.notify(notice())
    hook.status = 200
    clock.advance(seconds - 1)
    assert not await slack.notify(notice())
    assert len(hook.got) == 1
    clock.advance(1)
    assert await slack.notify(notice())
    assert len(hook.got) == 2
    assert time.monotonic() - began < 20
    assert board.notices == []


@pytest.mark.parametrize("status", [400, 403, 404, 410])
async def test_what_a_revoked_webhook_refuses_goes_another_way_at_once(hook, status):
    hook.status = status
    board, one = NoticeBoard(), notice()
    slack = SlackNotifier(hook.address, "en", FakeClock(AT), board)
    assert await slack.notify(one)
    assert await slack.notify(notice())
    assert board.notices[0] == one
    assert (len(board.notices), len(hook.got)) == (2, 2)  # Slack is asked each time: it may be repaired meanwhile


async def test_what_goes_neither_way_is_not_taken_for_sent(hook):
    hook.status = 404
    board = NoticeBoard()
    board.silent = True
    assert not await SlackNotifier(hook.address, "en", FakeClock(AT), board).notify(notice())


@pytest.mark.parametrize("status", [408, 500, 503])
async def test_an_outage_goes_no_other_way(hook, status):
    hook.status = status
    board = NoticeBoard()
    assert not await SlackNotifier(hook.address, "en", FakeClock(AT), board).notify(notice())
    assert board.notices == []


async def test_a_notice_in_the_log_has_no_secret():
    with capture_logs() as lines:
        assert await LogNotifier().notify(notice(reason="clone: https://git:hunter2@example.com/r refused"))
    [line] = lines
    assert "refused" in line["reason"]
    assert "hunter2" not in str(line)


async def test_without_an_address_it_goes_another_way_and_an_address_that_nobody_answers_stops_nothing(caplog):
    async def missing():
        raise SecretMissing("marketday/slack/webhook: not there")

    async def nobody():
        return "http://127.0.0.1:1/services/T/B/verysecret"

    board = NoticeBoard()
    assert await SlackNotifier(missing, "en", FakeClock(AT), board).notify(notice())
    assert len(board.notices) == 1
    assert not await SlackNotifier(nobody, "en", FakeClock(AT), board).notify(notice())
    assert len(board.notices) == 1
    assert "verysecret" not in caplog.text


@pytest.mark.parametrize("language", StaffLanguage)
@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_has_its_words_in_both_languages(kind, language):
    title, blocks = message(notice(kind), language)
    assert "dawn-serum" in title
    assert "notices." not in str(blocks)


def test_both_languages_have_the_same_texts_with_the_same_values():
    ko, en = texts.catalogue("ko"), texts.catalogue("en")
    assert ko.keys() == en.keys()
    fields = [{k: {name for _, name, _, _ in Formatter().parse(v) if name} for k, v in c.items()} for c in (ko, en)]
    assert all(fields[0][k] <= {"drop", "step", "moment"} for k in ko)
    assert fields[0] == fields[1]
    for step in (*Step, CLOSE_LINK):
        assert texts.step_name(step, "ko") != texts.step_name(step, "en")


def test_mark_up_in_an_error_is_shown_and_not_obeyed():
    _, blocks = message(notice(reason="<!channel> & <b>"), "en")
    assert "&lt;!channel&gt; &amp; &lt;b&gt;" in str(blocks)


def test_a_long_error_is_cut():
    _, blocks = message(notice(reason="x" * 9000), "en")
    assert all(len(block["text"]["text"]) < 3000 for block in blocks)


def test_it_is_told_in_the_drops_own_zone():
    late = Notice(
        "k", NoticeKind.LEAVING, new_id(), "d", "America/Los_Angeles", Step.DESTROY, "", AT + timedelta(hours=1), "c"
    )
    assert "2026-12-10 03:30 PST" in message(late, "en")[0]
