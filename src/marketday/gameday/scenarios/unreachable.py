"""Slack and the operator are both unreachable while things break: nobody is told, and nobody acts."""

from importlib.util import find_spec

from marketday.environments.model import State
from marketday.gameday import claims
from marketday.gameday.faults import kept_dead
from marketday.gameday.model import MomentKind, TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.setting import Setting
from marketday.gameday.stage import Stage
from marketday.gameday.stand_in import StandInForSlack
from marketday.kit.tasks import rest
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import SLACK_WEBHOOK
from marketday.provisioners.local.ports import free_ports, port_of
from marketday.provisioners.local.secrets import PlaneSecrets

_AT_CLOSING_SECONDS = 12.0
_TELLING_SECONDS = 70.0  # a message that did not arrive is sent again after half a minute
_BACK_SECONDS = 30.0


def _prepare(home: Home) -> None:
    """Give the mall a webhook, as an operator does who writes its address into the file."""
    [port] = free_ports(1)
    _secrets(home).get(SLACK_WEBHOOK, lambda: f"http://127.0.0.1:{port}/services/T0/B0/game-day")


def _secrets(home: Home) -> PlaneSecrets:
    return PlaneSecrets(home.mall.path / "secrets")


def _missing() -> str:
    if find_spec("slack_sdk") is None:
        return "slack_sdk is not installed; expected the extra `aws`: pip install 'marketday[aws]', or `make aws`"
    return ""


async def _play(stage: Stage) -> None:
    slack = StandInForSlack()
    async with slack.listening(port_of(_secrets(stage.home).get(SLACK_WEBHOOK))):
        stage.note(MomentKind.BROKEN, "slack_silent")
        await stage.sale_is(stage.setting.at)
        async with stage.broken("database_dead", "database_free"), kept_dead(stage.event, ("postgres", "store-1")):
            await rest(stage.setting.fault / 2)
        await stage.closes()
        stage.note(MomentKind.BROKEN, "dead_at_closing")
        async with kept_dead(stage.event, ("postgres",)):
            await rest(_AT_CLOSING_SECONDS)
        stage.note(MomentKind.MENDED, "database_free")
        await stage.reaches(State.VERIFIED, State.DESTROYED, State.FAILED)
        asked = slack.asked
        slack.silent = False
        stage.note(MomentKind.MENDED, "slack_back", asked=asked)
        await stage.until(lambda: slack.messages or stage.environment.state is State.DESTROYED, _TELLING_SECONDS)
        stage.facts |= {"slack_asked": str(asked), "slack_messages": str(len(slack.messages))}
        for words in slack.messages[:3]:
            stage.note(MomentKind.RECOVERY, "slack_told", said=words[:120])


UNREACHABLE = Scenario(
    name=ScenarioName.UNREACHABLE,
    play=_play,
    prepare=_prepare,
    missing=_missing,
    setting=Setting(tail=_TELLING_SECONDS),
    target=TimeTarget(PAID_ORDER, _BACK_SECONDS),
    claims=(
        claims.met_a_sale,
        claims.nobody_acted,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.back_in_time,
        claims.mall_unharmed,
        claims.sums_hold,
        claims.messages_arrived,
    ),
)
