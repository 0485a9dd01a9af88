"""Which notices people get about an environment, and when. Sent ones are recorded: none is sent twice. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from marketday.environments.checkpoints import Verdict, verdict
from marketday.environments.model import Environment, LinkClosing, State, Step, deadline, log_of, longest_life
from marketday.kit.moments import to_text_of_seconds

LEADS = (timedelta(days=2), timedelta(hours=2), timedelta(minutes=30))  # before an environment is destroyed
LOOKS = (timedelta(days=3), timedelta(days=1))  # before it is built: there is time to ask AWS for a higher quota
CLOSE_LINK = "close_link"  # not a step of the lifecycle, because it runs at the same time as steps
_LONGEST_TELLING = timedelta(days=1)  # after an environment is destroyed


class NoticeKind(StrEnum):
    """What a notice is about."""

    FAILED = "failed"
    TROUBLE = "trouble"  # a step is tried again and again, and may fail in the end
    RECOVERED = "recovered"
    GO = "go"
    NO_GO = "no_go"
    LACKING = "lacking"  # the account has too little for it, days ahead
    LEAVING = "leaving"  # it is destroyed soon
    OVERSTAYED = "overstayed"  # it exists longer than it may


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person should know, and the command to run. `key` is the same if the notice is sent again."""

    key: str
    kind: NoticeKind
    environment_id: UUID
    drop_slug: str
    zone: str
    step: str  # a Step, or CLOSE_LINK
    reason: str
    moment: datetime  # the deadline of the step, or the moment of destruction or of the checkpoint
    command: str
    log: str = ""  # where the whole log is


def due(environment: Environment, now: datetime, closing: LinkClosing | None = None, trouble: str = "") -> list[Notice]:
    """Return the notices that are due at `now` and not sent yet.

    `closing` is the progress of closing the link, `trouble` what a person should know of the step that waits.
    """
    found = [
        *_failures(environment),
        *_trouble(environment, trouble),
        *_recoveries(environment),
        *_link(environment, closing),
        *_verdicts(environment, now),
        *_leaving(environment, now),
    ]
    return [notice for notice in found if notice.key not in environment.told]


def look_due(environment: Environment, now: datetime) -> str | None:
    """Return the key of the newest look ahead that is due at `now` and not done; None if there is none."""
    build_at = environment.schedule.build_at
    passed = [lead for lead in LOOKS if now >= build_at - lead]
    if environment.state is not State.REQUESTED or not passed or now >= build_at:
        return None
    key = f"looked:{passed[-1].days}:{build_at.isoformat()}"
    return None if key in environment.told else key


def lacking(environment: Environment, key: str, missing: Sequence[str]) -> Notice:
    """Return the notice that something is `missing` for an environment that will be built."""
    command, build_at = f"marketday env status {environment.id}", environment.schedule.build_at
    return _notice(environment, key, NoticeKind.LACKING, Step.PROVISION, "\n".join(missing), build_at, command)


def trouble_key(environment: Environment) -> str:
    """Return the key of the notice of the trouble of the step under way; empty if no step was begun."""
    return f"trouble:{environment.last.step}:{environment.last.at.isoformat()}" if environment.last is not None else ""


def too_late(environment: Environment, now: datetime) -> bool:
    """Whether it is too late to send the remaining notices of a destroyed environment."""
    return environment.last is not None and now >= environment.last.at + _LONGEST_TELLING


def _failures(environment: Environment) -> Sequence[Notice]:
    step, at = environment.failed_step, environment.failed_at
    if step is None or at is None:
        return ()
    command = f"marketday env retry {environment.id}"
    if step is Step.WINDOW:
        command = f"marketday env status {environment.id}"  # the next window does it again
    key = f"failed:{step}:{at.isoformat()}"
    return (
        _notice(environment, key, NoticeKind.FAILED, step, environment.failure, deadline(environment, step), command),
    )


def _trouble(environment: Environment, trouble: str) -> Sequence[Notice]:
    """Return a notice of the trouble of a step that waits, once for each time that the step is begun."""
    last = environment.last
    if not trouble or last is None:
        return ()
    key, command = trouble_key(environment), f"marketday env status {environment.id}"
    moment = deadline(environment, last.step)
    return (_notice(environment, key, NoticeKind.TROUBLE, last.step, trouble, moment, command),)


def _recoveries(environment: Environment) -> Sequence[Notice]:
    """Return a recovery notice for each step that is done now, if people were notified of its failure."""
    if environment.failed_step is not None:
        return ()
    found = []
    for key in sorted(key for key in environment.told if key.startswith("failed:")):
        step = Step(key.split(":")[1])
        made_good = step in environment.done
        if step is Step.WINDOW:  # the next window or the last hand-back recovers it
            made_good = environment.state is State.OPEN or Step.HAND_BACK in environment.done
        if made_good:
            command = f"marketday env status {environment.id}"
            moment = deadline(environment, step)
            recovered = key.replace("failed:", "recovered:", 1)
            found.append(_notice(environment, recovered, NoticeKind.RECOVERED, step, "", moment, command))
    return found


def _link(environment: Environment, closing: LinkClosing | None) -> Sequence[Notice]:
    """Return the notice that the link cannot be closed, or that it is closed now; each once."""
    if closing is None:
        return ()
    failed = {key.removeprefix("link-failed:") for key in environment.told if key.startswith("link-failed:")}
    failed -= {key.removeprefix("link-recovered:") for key in environment.told}
    if closing.closed:
        command = f"marketday env status {environment.id}"
        keys = [f"link-recovered:{at}" for at in sorted(failed)]
        return [_notice(environment, key, NoticeKind.RECOVERED, CLOSE_LINK, "", closing.until, command) for key in keys]
    if not closing.failure or failed or not environment.standing:
        return ()
    key, command = f"link-failed:{closing.at.isoformat()}", f"marketday env retry {environment.id}"
    notice = _notice(environment, key, NoticeKind.FAILED, CLOSE_LINK, closing.failure, closing.until, command)
    return (replace(notice, log=closing.log),)


def _verdicts(environment: Environment, now: datetime) -> Sequence[Notice]:
    point = verdict(environment, now)
    if point is None:
        return ()
    kind = NoticeKind.GO if point.go else NoticeKind.NO_GO
    command = f"marketday env {'status' if point.go else 'retry'} {environment.id}"
    reason = "" if point.go else no_go_reason(environment, point)
    return (_notice(environment, point.key, kind, point.checkpoint.step, reason, point.at, command),)


def no_go_reason(environment: Environment, point: Verdict) -> str:
    """Return what is missing at a checkpoint, and why, if the reason is known."""
    last = environment.last
    why = environment.failure or (last.detail if last is not None else "")
    missing = f"{point.checkpoint.step} is not done at {environment.definition.local(point.at)}"
    return f"{missing}: {why}" if why else missing


def _leaving(environment: Environment, now: datetime) -> Sequence[Notice]:
    """Return the latest warning that is due; none for an environment whose building has not begun."""
    if environment.state in (State.REQUESTED, State.DESTROYED):
        return ()
    destroy_at, latest = environment.schedule.destroy_at, longest_life(environment)
    if now >= max(latest, destroy_at):
        command = f"marketday env status {environment.id}"
        key = f"overstayed:{max(latest, destroy_at).isoformat()}"
        step, reason = environment.failed_step or Step.DESTROY, environment.failure
        return (_notice(environment, key, NoticeKind.OVERSTAYED, step, reason, max(latest, destroy_at), command),)
    leads = [lead for lead in LEADS if now >= destroy_at - lead]
    if not leads or now >= destroy_at:
        return ()
    key = f"leaving:{int(leads[-1].total_seconds())}:{destroy_at.isoformat()}"
    command = f"marketday env extend {environment.id} --until {to_text_of_seconds(destroy_at + timedelta(hours=6))}"
    return (_notice(environment, key, NoticeKind.LEAVING, Step.DESTROY, "", destroy_at, command),)


def _notice(
    environment: Environment, key: str, kind: NoticeKind, step: str, reason: str, moment: datetime, command: str
) -> Notice:
    return Notice(
        key=key,
        kind=kind,
        environment_id=environment.id,
        drop_slug=environment.drop_slug,
        zone=environment.definition.zone,
        step=step,
        reason=reason,
        moment=moment,
        command=command,
        log=environment.outputs.get(log_of(step), ""),
    )
