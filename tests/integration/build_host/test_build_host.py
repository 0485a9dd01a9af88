import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.errors import AccessRefused, HostSilent, HostUnavailable, RunLost
from marketday.provisioners.terraform.model import Action, Change, Exit, Stack, reason
from marketday.testing.terraform_program import OUTPUTS

from .a_build_host import STACK, Mortal, World, an_account, drive

CALLS_OF_A_RUN = 12  # of AWS and of the shell, by whoever drives a run that waits for nothing
FEWEST_CALLS = 9  # of a run that has ended before it is looked at for the first time


@pytest.fixture(scope="module", autouse=True)
def account():
    with an_account():
        yield


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


async def begun(world, run):
    """Begin `run`; a new host needs two looks until it runs."""
    while isinstance(came := await world.host.begin(run), NotYet):
        await asyncio.sleep(0)
    return run.begun(came.host)


async def test_plan_apply_destroy_and_release(world):
    plan, came = await drive(world.host, world.a_run())
    assert came.changes == [Change("aws_vpc.this", ("create",))]
    apply, came = await drive(world.host, world.a_run(Action.APPLY, plan_of=plan.id))
    assert came.exit_code == Exit.DONE, came.log
    assert came.outputs == OUTPUTS
    assert came.log_place == f"s3://marketday-state/runs/{apply.id}.log"
    assert "Creation complete" in world.kept(f"{apply.id}.log")
    assert json.loads(world.kept(f"{apply.id}.plan.json")) == json.loads(world.kept(f"{plan.id}.plan.json"))
    destroy, came = await drive(world.host, world.a_run(Action.DESTROY))
    assert came.exit_code == Exit.DONE
    assert plan.host == apply.host == destroy.host
    await world.host.release(world.environment_id)
    await world.host.release(world.environment_id)
    assert world.instances("pending", "running") == []
    assert world.terraform.calls == [
        *("init", "state", "plan", "show"),
        *("init", "state", "apply", "output"),
        *("init", "destroy"),
    ]


@pytest.mark.parametrize("dies_after", range(1, CALLS_OF_A_RUN + 1))
async def test_whoever_is_killed_after_any_call_repeats_and_nothing_is_doubled(tmp_path, dies_after):
    mortal, deaths = Mortal(dies_after), []
    world = World(tmp_path, mortal)
    _, came = await drive(world.host, world.a_run(), deaths=deaths)
    assert deaths == [1] or dies_after > FEWEST_CALLS
    assert came.exit_code == Exit.DONE
    assert len(world.instances()) == 1
    assert world.terraform.calls == ["init", "state", "plan", "show"]


async def test_begun_twice_at_once_it_runs_once(world):
    run = world.a_run()
    first = await begun(world, run)
    again = await asyncio.gather(*(world.host.begin(run) for _ in range(3)))
    assert {each.host for each in again} == {first.host}
    await drive(world.host, first)
    assert world.terraform.calls.count("plan") == 1


async def test_a_run_under_way_says_how_far_it_is(world):
    world.terraform.program.write_text(
        '#!/bin/sh\n[ "$2" != plan ] || for each in $(seq 1000); do [ -e ../go ] && break; sleep 0.05; done\n'
    )
    run = await begun(world, world.a_run())
    while (came := await world.host.outcome(run)) != NotYet("terraform: plan"):
        assert came.reason.startswith(("terraform: started", "terraform: clone", "terraform: init"))
        await asyncio.sleep(0.02)
    (world.folder / "work" / str(world.environment_id) / "event" / "go").touch()
    _, came = await drive(world.host, run)
    assert came.exit_code == Exit.DONE


async def test_a_commit_that_is_not_there_fails_to_clone_and_the_next_run_goes_on_from_there(world):
    _, came = await drive(world.host, world.a_run(commit="f" * 40))
    assert came.exit_code == Exit.CLONE
    assert "reference is not a tree" in reason(came) or "not our ref" in reason(came)
    _, came = await drive(world.host, world.a_run())
    assert came.exit_code == Exit.DONE
    assert len(world.instances()) == 1


@pytest.mark.parametrize(
    ("part", "code", "words"),
    [
        ("init", Exit.INIT, "Error: no bucket"),
        ("plan", Exit.PLAN, "Error: Invalid CIDR"),
        ("show", Exit.PLAN, "half a plan"),
    ],
)
async def test_a_part_that_fails_is_told_with_its_words_and_can_be_tried_again(world, part, code, words):
    world.terraform.fails(part, words)
    run, came = await drive(world.host, world.a_run())
    assert came.exit_code == code
    assert words.removeprefix("Error: ") in reason(came)
    assert words in world.kept(f"{run.id}.log")
    world.terraform.fails("nothing")
    _, came = await drive(world.host, world.a_run())
    assert came.exit_code == Exit.DONE


async def test_a_new_host_has_no_plan_that_was_kept_on_another(world):
    plan, _ = await drive(world.host, world.a_run())
    await world.host.release(world.environment_id)
    (world.folder / "work").rename(world.folder / "gone")
    apply, came = await drive(world.host, world.a_run(Action.APPLY, plan_of=plan.id))
    assert came.exit_code == Exit.OUTDATED
    assert apply.host != plan.host


async def test_a_host_that_ends_under_a_run_loses_it_and_the_next_gets_a_new_host(world):
    run = await begun(world, world.a_run())
    await world.host.release(world.environment_id)
    with pytest.raises(RunLost, match=run.host):
        await world.host.outcome(run)
    again = await begun(world, world.a_run())
    with pytest.raises(RunLost, match=run.host):
        await world.host.outcome(run)
    assert again.host != run.host
    assert [each["InstanceId"] for each in world.instances("pending", "running")] == [again.host]


async def test_a_host_that_ends_soon_finishes_its_run_and_gets_no_other(world):
    world.terraform.program.write_text(
        "#!/bin/sh\nfor each in $(seq 1000); do [ -e ../go ] && break; sleep 0.05; done\n"
    )
    run = await begun(world, world.a_run())
    world.clock.more = timedelta(hours=3, minutes=1)
    assert (await world.host.begin(run)).host == run.host
    other = world.a_run()
    assert (await world.host.begin(other)).host == run.host  # another run is under way: it must not be cut off
    (world.folder / "work" / str(world.environment_id) / "event" / "go").touch()
    await drive(world.host, run)
    await drive(world.host, other.begun(run.host))
    assert (await world.host.begin(run)).host == run.host
    assert "too old for another run" in (await world.host.begin(world.a_run())).reason
    world.clock.more = timedelta()
    assert (await begun(world, world.a_run())).host != run.host
    assert len(world.instances("pending", "running")) == 1


async def test_a_run_whose_process_is_gone_is_lost_and_its_log_kept(world):
    world.terraform.program.write_text("#!/bin/sh\necho last words\nkill -9 $PPID\n")
    run = await begun(world, world.a_run())
    with pytest.raises(RunLost, match="no process and no exit code"):
        await drive(world.host, run)
    assert "last words" in world.kept(f"{run.id}.log")


async def test_a_run_that_its_host_does_not_know_is_lost(world):
    run = await begun(world, world.a_run())
    with pytest.raises(RunLost, match="has no run"):
        await world.host.outcome(world.a_run(host=run.host))


async def test_a_host_without_terraform_is_waited_for_while_it_may_be_setting_itself_up(world):
    world.shell.environment["PATH"] = str(world.tools)
    world.terraform.program.rename(world.tools / "elsewhere")
    run = world.a_run()
    assert "is pending" in (await world.host.begin(run)).reason
    assert "git is not installed" in (await world.host.begin(run)).reason
    world.clock.more = timedelta(minutes=11)
    with pytest.raises(HostSilent, match=r"build host i-\w+ at 127.0.0.1:22: git is not installed; it is terminated"):
        await world.host.begin(run)
    assert world.instances("pending", "running") == []


async def test_a_silent_host_is_waited_for_ten_minutes_and_used_when_it_speaks(world):
    world.shell.silent = "does not answer SSH: connection refused"
    run = world.a_run()
    await world.host.begin(run)
    assert "connection refused" in (await world.host.begin(run)).reason
    world.clock.more = timedelta(minutes=9)
    assert "connection refused" in (await world.host.begin(run)).reason
    world.shell.silent = ""
    _, came = await drive(world.host, run)
    assert came.exit_code == Exit.DONE
    assert len(world.instances()) == 1


async def test_a_host_that_stays_silent_is_ended_and_the_run_begins_on_another(world):
    world.shell.silent = "does not answer SSH: connection refused"
    run = world.a_run()
    await world.host.begin(run)
    [first] = world.instances("running")
    world.clock.more = timedelta(minutes=11)
    with pytest.raises(HostSilent, match=r"i-\w+ at 127.0.0.1:22: does not answer SSH: .* refused; it is terminated"):
        await world.host.begin(run)
    assert world.instances("pending", "running") == []
    world.clock.more, world.shell.silent = timedelta(minutes=5), ""  # past the pause before the next host
    run, came = await drive(world.host, run)
    assert came.exit_code == Exit.DONE
    [second] = world.instances("pending", "running")
    assert run.host == second["InstanceId"] != first["InstanceId"]
    assert world.terraform.calls == ["init", "state", "plan", "show"]


async def test_a_moments_silence_ends_no_host_that_has_worked(world):
    plan, _ = await drive(world.host, world.a_run())
    world.clock.more = timedelta(minutes=11)
    world.shell.silent = "does not answer SSH: timed out"
    apply = world.a_run(Action.APPLY, plan_of=plan.id, asked_at=world.clock.now())
    with pytest.raises(HostSilent, match=r"timed out$"):
        await world.host.begin(apply)
    world.shell.silent = ""
    apply, came = await drive(world.host, apply)
    assert (apply.host, came.exit_code) == (plan.host, Exit.DONE)


@pytest.mark.parametrize("silent", ["", "does not answer SSH: connection refused"])
async def test_a_host_that_outlives_its_four_hours_is_ended_and_its_run_lost(world, silent):
    run = await begun(world, world.a_run())
    world.shell.silent = silent
    world.clock.more = timedelta(hours=3, minutes=59)
    if silent:
        with pytest.raises(HostSilent):
            await world.host.outcome(run)
    world.clock.more = timedelta(hours=4)
    with pytest.raises(RunLost, match=run.host):
        await world.host.outcome(run)
    assert world.instances("pending", "running") == []


async def test_a_folder_that_cannot_be_made_is_told_with_the_shells_words(world):
    (world.folder / "work").write_text("a file")
    with pytest.raises(HostUnavailable, match=r"its shell ended with 1: .*(Not a directory|File exists|exists but)"):
        await begun(world, world.a_run())


async def test_a_log_that_may_not_be_kept_is_no_outcome(world):
    run = await begun(world, world.a_run())
    refused = world.s3.exceptions.ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    def put_object(**_):
        raise refused

    world.host._s3 = type("Refusing", (), {"meta": world.s3.meta, "put_object": staticmethod(put_object)})()
    with pytest.raises(AccessRefused, match="s3:PutObject"):
        await drive(world.host, run)


async def test_the_end_of_a_run_leaves_the_host_of_another_stack(world):
    event, link = await begun(world, world.a_run()), await begun(world, replace(world.a_run(), stack=Stack.LINK))
    await world.host.release(world.environment_id, Stack.EVENT)
    assert [each["InstanceId"] for each in world.instances("pending", "running")] == [link.host]
    assert event.host != link.host


async def test_a_state_that_could_not_be_written_is_kept_beside_the_log(world):
    pauses = world.tools / "sleep"
    pauses.write_text('#!/bin/sh\ncase $1 in 5 | 15 | 30) ;; *) exec /bin/sleep "$@" ;; esac\n')
    pauses.chmod(0o755)
    plan, _ = await drive(world.host, world.a_run())
    stack = world.folder / "work" / str(world.environment_id) / "event" / "repository" / STACK
    made = world.tools / "made"
    made.write_text(f"#!/bin/sh\necho the state > {stack}/errored.tfstate\necho state > {world.tools}/fail\nexit 1\n")
    made.chmod(0o755)
    apply, came = await drive(world.host, world.a_run(Action.APPLY, plan_of=plan.id))
    assert came.exit_code == Exit.APPLY
    assert world.kept(f"{apply.id}.errored.tfstate") == "the state\n"
    assert f"is kept as s3://marketday-state/runs/{apply.id}.errored.tfstate" in reason(came)
