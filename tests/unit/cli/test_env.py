"""The operator's commands, on environments of files."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from marketday.cli import env
from marketday.drops.goods import Good
from marketday.environments.ending import NotEnded
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import CLOSE_ASKED, Outcome, State, Step, StepRecord
from marketday.environments.service import EnvironmentService
from marketday.kit.clock import SystemClock
from marketday.kit.errors import Permanent
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.model import Action, Change, Run, RunOutcome, Stack
from marketday.testing.definitions import DAWN_SERUM
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard, new_permits
from marketday.testing.terraform import MemoryRuns


class TooLittle(Permanent):
    """The mall has too little."""


@dataclass
class Desk:
    service: EnvironmentService
    store: MemoryEnvironments
    provisioner: FilePlane
    hand_back: Any = None
    receipts: Any = None
    runs: Any = None
    ending: Any = None
    writing_off: Any = None
    goods: Any = None
    outlook: Any = None
    permits: Any = field(default_factory=lambda: new_permits("https://mall.example"))


@pytest.fixture
def desk(tmp_path):
    store, plane = MemoryEnvironments(), FilePlane(tmp_path / "plane")
    service = EnvironmentService(store, plane, plane.steps(), NoticeBoard(), SystemClock())
    return Desk(service, store, plane)


@pytest.fixture
def run(desk, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    @asynccontextmanager
    async def open_desk():
        yield desk

    def invoke(*arguments):
        return CliRunner().invoke(env.app, [str(one) for one in arguments], obj=open_desk)

    return invoke


@pytest.fixture
def definition_file(tmp_path):
    """The serum's drop, tomorrow."""
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    file = tmp_path / "drop.toml"
    file.write_text(DAWN_SERUM.replace("2026-12-10", day), "utf-8")
    return file


def test_a_plan_makes_nothing(run, desk, definition_file):
    result = run("plan", definition_file)
    assert result.exit_code == 0, result.output
    assert "lend 400 units of DAWN-SERUM-30" in result.output
    assert "folder" in result.output
    assert not desk.provisioner.folder.exists()


def test_building_ends_when_the_environment_is_ready(run, definition_file):
    result = run("build", definition_file)
    assert result.exit_code == 0, result.output
    assert "smoke done: walked" in result.output
    assert "dawn-serum is ready, next: open" in result.output
    again = run("build", definition_file)
    assert again.exit_code == 1
    assert "This drop has an environment already" in again.output


def test_on_schedule_it_is_left_to_the_controller(run, definition_file):
    result = run("build", "--on-schedule", definition_file)
    assert result.exit_code == 0, result.output
    assert "dawn-serum is requested, next: provision" in result.output
    assert "nothing to do before" in run("advance", "dawn-serum").output


class Ahead:
    """An outlook of these lines."""

    def __init__(self, *lines):
        self._lines = lines

    async def lines(self, definition):
        assert definition.slug == "dawn-serum"
        return list(self._lines)


def test_a_plan_shows_first_what_the_account_has_and_fails_if_it_is_too_little(run, desk, definition_file):
    desk.outlook = Ahead("quota of VPCs: enough", "quota of [odd] things: not known")
    enough = run("plan", definition_file)
    assert enough.exit_code == 0
    shown = enough.output.splitlines()
    assert shown.index("quota of VPCs: enough") + 1 == shown.index("quota of [odd] things: not known") < len(shown) - 1
    desk.outlook = Ahead("no-go: quota of VPCs: the drop needs 1, there are 5, 5 used; ask for 6")
    assert run("plan", definition_file).exit_code == 1
    assert not desk.provisioner.folder.exists()


async def opened(desk):
    [environment] = await desk.store.living()
    for step in (Step.PROVISION, Step.HAND_OVER, Step.SMOKE, Step.OPEN):
        record = StepRecord(step, Outcome.DONE, "", SystemClock().now())
        environment = await desk.store.save(replace(environment, state=State.OPEN), record)


def test_where_nobody_reaches_the_database_the_controller_is_asked_to_end_an_open_drop(run, desk, definition_file):
    assert run("build", "--on-schedule", definition_file).exit_code == 0
    asyncio.run(opened(desk))
    desk.ending = None
    for _ in range(2):
        asked = run("destroy", "dawn-serum", "--now")
        assert asked.exit_code == 0, asked.output
        assert "asked: the mall's controller opens the link" in asked.output
        assert "dawn-serum is open, next: drain" in asked.output
    [environment] = asyncio.run(desk.store.living())
    assert environment.outputs[CLOSE_ASKED].startswith("marketday env destroy --now by ")


def test_a_failed_build_says_where_and_how_to_go_on(run, desk, definition_file):
    desk.provisioner.trouble["hand_over"] = [TooLittle("DAWN-SERUM-30: has 3, needs 400")]
    result = run("build", definition_file)
    assert result.exit_code == 1
    assert "failed at hand_over: The mall has too little: DAWN-SERUM-30: has 3, needs 400" in result.output
    assert "marketday env retry" in result.output
    assert "or remove what was built: marketday env destroy" in result.output
    retried = run("retry", "dawn-serum")
    assert retried.exit_code == 0, retried.output
    assert "dawn-serum is ready" in retried.output
    assert run("retry", "dawn-serum").exit_code == 1


def _goods(desk, **good):
    """Give the mall one item with the values of a test, or no item."""
    facts = {"sku": "DAWN-SERUM-30", "stock": 400, "price_minor": 32_000, "currency": "KRW", "status": "drop", **good}

    async def of(_):
        return {"DAWN-SERUM-30": Good(**facts)} if good else {}

    desk.goods = of


@pytest.mark.parametrize("command", ["plan", "build"])
def test_what_the_mall_cannot_lend_is_named_before_anything_is_built(run, desk, definition_file, command):
    for good, told in [
        ({}, "drop.products[0].sku = 'DAWN-SERUM-30': expected a SKU of the mall"),
        ({"stock": 5}, "drop.products[0].stock = 400: expected at most the mall's stock of it, which is 5"),
        ({"stock": 5, "lent": {"other-drop": 10}}, "which is 5 (10 are lent to other-drop)"),
        ({"status": "archived"}, "this is an archived one"),
        ({"status": "draft"}, "this is a draft"),
        ({"price_minor": 10**15}, "drop.products[0].limit_per_person = 2: expected at most 1, because of its price"),
    ]:
        _goods(desk, **good)
        result = run(command, definition_file)
        assert result.exit_code == 1
        assert told in result.output
        assert asyncio.run(desk.store.all()) == []
        assert not desk.provisioner.folder.exists()


@pytest.mark.parametrize("command", ["plan", "build"])
def test_an_item_that_the_mall_sells_at_the_same_time_is_pointed_at(run, desk, definition_file, command):
    _goods(desk, status="active")
    result = run(command, definition_file)
    assert result.exit_code == 0, result.output
    assert "On sale in the mall at the same time, at the same price: DAWN-SERUM-30" in result.output
    _goods(desk, status="drop")
    assert "On sale in the mall" not in run("plan", definition_file).output


def test_a_mall_that_cannot_be_reached_is_reported(run, definition_file):
    assert "cannot be read from here" in run("plan", definition_file).output


def test_status_lists_and_details(run, definition_file):
    assert run("status").exit_code == 0
    run("build", definition_file)
    assert "dawn-serum" in run("status").output
    one = run("status", "dawn-serum")
    assert "hand_over" in one.output
    assert "✓" in one.output
    found = json.loads(run("status", "--json", "dawn-serum").output)
    assert found["state"] == "ready"
    assert [step["step"] for step in found["steps"] if step["outcome"] == "done"] == ["provision", "hand_over", "smoke"]
    assert found["health"] == [{"part": "folder", "healthy": True, "detail": ""}]
    assert json.loads(run("status", "--json").output)[0]["id"] == found["id"]


def test_destroying_what_never_opened(run, desk, definition_file):
    run("build", definition_file)
    dry = run("destroy", "dawn-serum", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "would remove" in dry.output
    assert "dawn-serum is ready" not in dry.output
    result = run("destroy", "dawn-serum")
    assert result.exit_code == 0, result.output
    assert "dawn-serum is destroyed" in result.output
    assert "nothing is left to remove" in run("destroy", "dawn-serum", "--dry-run").output
    assert run("build", definition_file).exit_code == 0


@pytest.fixture
def ended(desk):
    """Records the calls of `destroy --now`, and returns its messages."""
    asked = SimpleNamespace(releases=[], standing=None)

    async def end(environment, tell, release):
        asked.releases.append(release)
        tell(f"{environment.drop_slug}: draining")
        if asked.standing is None:
            await desk.service.destroy(environment.id)
            return None
        return NotEnded(environment, *asked.standing)

    desk.ending = SimpleNamespace(end=end)
    return asked


def test_an_open_one_is_ended_now_where_that_is_wanted(run, ended, definition_file):
    run("build", definition_file)
    result = run("destroy", "dawn-serum", "--now")
    assert result.exit_code == 0, result.output
    assert "dawn-serum: draining" in result.output
    assert "dawn-serum is destroyed" in result.output
    assert ended.releases[0].startswith("marketday env destroy --now by ")


def test_one_that_cannot_be_ended_now_says_why_and_how_to_go_on(run, ended, definition_file):
    run("build", definition_file)
    ended.standing = ("hand_back failed: its slug is taken", "env retry the-id")
    result = run("destroy", "dawn-serum", "--now")
    assert result.exit_code == 1
    assert "its slug is taken; continue with `marketday env retry the-id`" in result.output


@pytest.mark.parametrize("command", ["advance", "retry", "destroy", "status"])
@pytest.mark.parametrize("name", ["no-such-drop", "01970000-0000-7000-8000-000000000000"])
def test_an_unknown_environment_is_named(run, command, name):
    result = run(command, name)
    assert result.exit_code == 1
    assert name in result.output


def test_a_bad_definition_is_refused(run, tmp_path):
    file = tmp_path / "drop.toml"
    file.write_text(DAWN_SERUM.replace("stock = 400", "stock = 0"), "utf-8")
    for command in ("plan", "build"):
        result = run(command, file)
        assert result.exit_code == 1
        assert "drop.products[0].stock" in result.output
    assert run("build", tmp_path / "none.toml").exit_code == 1


def test_a_drop_that_is_over_is_not_built(run, tmp_path):
    file = tmp_path / "drop.toml"
    file.write_text(DAWN_SERUM.replace("2026-12-10", "2020-12-10"), "utf-8")
    result = run("build", file)
    assert result.exit_code == 1
    assert "This drop has closed already" in result.output


def test_records_that_cannot_be_reached_are_reported(run, desk, monkeypatch):
    async def away():
        raise RecordsUnavailable("ConnectionRefusedError")

    monkeypatch.setattr(desk.store, "all", away)
    result = run("status")
    assert result.exit_code == 1
    assert "ConnectionRefusedError" in result.output


def test_an_environment_is_extended_a_day_and_farther_with_a_permit(run, definition_file, desk):
    run("build", definition_file)
    [environment] = asyncio.run(desk.store.all())
    planned = environment.schedule.destroy_at

    def until(days):
        return (planned + timedelta(days=days)).isoformat()

    assert "will be destroyed at" in run("extend", environment.drop_slug, "--until", until(1)).output
    refused = run("extend", environment.drop_slug, "--until", until(3))
    assert refused.exit_code == 1
    assert "marketday env permit" in refused.output
    permit = run("permit", environment.drop_slug, "--until", until(3)).output.strip()
    assert run("extend", environment.drop_slug, "--until", until(3), "--permit", permit).exit_code == 0
    assert run("extend", environment.drop_slug, "--until", until(4), "--permit", permit).exit_code == 1
    [extended] = asyncio.run(desk.store.all())
    assert extended.schedule.destroy_at == planned + timedelta(days=3)


def test_a_permit_is_signed_only_where_one_is_needed(run, definition_file, desk):
    run("build", definition_file)
    [environment] = asyncio.run(desk.store.all())
    day_after = environment.schedule.destroy_at + timedelta(days=1)
    for until in ("2020-12-14T06:00", day_after.isoformat()):
        refused = run("permit", "dawn-serum", "--until", until)
        assert refused.exit_code == 1
        assert f"{until} needs no permit; expected a moment after 20" in refused.output
    assert run("permit", "dawn-serum", "--until", (day_after + timedelta(minutes=1)).isoformat()).exit_code == 0
    run("destroy", "dawn-serum")
    refused = run("permit", "dawn-serum", "--until", (day_after + timedelta(days=1)).isoformat())
    assert "is destroyed; expected one that is not destroyed yet" in refused.output


def test_no_id_and_no_address_is_cut_however_narrow_the_terminal_is(run, definition_file, desk, monkeypatch):
    run("build", definition_file)
    [environment] = asyncio.run(desk.store.all())
    monkeypatch.setenv("COLUMNS", "80")
    for shown in (run("status").output, run("status", "dawn-serum").output):
        assert "…" not in shown
    assert str(environment.id)[-4:] in run("status").output


def test_an_invalid_moment_is_named(run, definition_file):
    run("build", definition_file)
    refused = run("extend", "dawn-serum", "--until", "tomorrow")
    assert refused.exit_code == 1
    assert "'tomorrow' is not a moment; expected one such as" in refused.output


def test_runs_of_terraform_are_shown_and_told_to_the_bill(run, definition_file, desk):
    run("build", definition_file)
    [environment] = asyncio.run(desk.store.all())
    refused = run("runs", environment.drop_slug)
    assert refused.exit_code == 1
    assert "built without Terraform" in refused.output
    desk.runs = MemoryRuns()
    assert "no run yet" in run("runs", environment.drop_slug).output
    asked = Run(new_id(), environment.id, Stack.EVENT, Action.PLAN, "c" * 40, {}, datetime(2026, 12, 9, 13, tzinfo=UTC))
    changes = [Change("aws_vpc.this", ("create",)), Change("aws_lb.this", ("update",))]
    plan = asyncio.run(desk.runs.save(asked.ended(RunOutcome(0, "", "s3://b/plan.log", changes), asked.asked_at)))
    applied = Run(new_id(), environment.id, Stack.EVENT, Action.APPLY, "c" * 40, {}, asked.asked_at, plan.id)
    asyncio.run(desk.runs.save(applied.ended(RunOutcome(13, "Error: no quota", "s3://b/apply.log"), asked.asked_at)))
    away = Run(new_id(), environment.id, Stack.EVENT, Action.DESTROY, "c" * 40, {}, asked.asked_at)
    log, waits = (
        f"s3://{'b' * 150}/destroy.log",
        "still there, blocks nothing: key k, in deletion, gone by 2026-12-17 04:00 UTC",
    )
    asyncio.run(desk.runs.save(away.ended(RunOutcome(0, "", log), asked.asked_at).waiting(waits)))
    shown = run("runs", environment.drop_slug).output
    assert "2026-12-09 13:00:00Z  event plan: done  +1 ~1 -0\n    log: s3://b/plan.log\n" in shown
    assert "event apply: failed\n    apply: no quota\n" in shown
    assert f"event destroy: done\n    {waits}\n    log: {log}\n" in shown
    [stack] = json.loads(run("runs", environment.drop_slug, "--json").output)["stacks"]
    assert (stack["stack"], stack["existed_from"]) == ("event", "2026-12-09T13:00:00+00:00")


def test_writing_off_needs_a_yes_and_says_what_was_given_back(run, desk, definition_file):
    run("build", definition_file)
    [built] = asyncio.run(desk.store.all())
    asked = []

    async def write_off(environment_id, by):
        asked.append((environment_id, by))
        record = StepRecord(Step.HAND_BACK, Outcome.DONE, "67 payments given back", built.schedule.build_at)
        return replace(await desk.store.get(environment_id), state=State.VERIFIED, last=record)

    desk.writing_off = SimpleNamespace(write_off=write_off)
    assert run("write-off", "dawn-serum").exit_code == 2
    assert asked == []
    result = run("write-off", "dawn-serum", "--yes")
    assert (result.exit_code, [each for each, _ in asked]) == (0, [built.id])
    assert "verified, 67 payments given back" in result.output
    assert asked[0][1].startswith("marketday env write-off by ")


def test_writing_off_where_the_mall_cannot_be_reached_is_refused(run, desk, definition_file):
    run("build", definition_file)
    desk.writing_off = None
    assert run("write-off", "dawn-serum", "--yes").exit_code == 1
