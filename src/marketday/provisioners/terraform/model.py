"""Runs of Terraform: what a host has to do, the result, and what a plan changes. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Self
from uuid import UUID

MOST_SHOWN = 12
_ERROR = re.compile(r"^[│\s]*Error: (.+)$", re.MULTILINE)
_LOCK_ID = re.compile(r"^[│\s]*ID:\s+(\S+)$", re.MULTILINE)


class Stack(StrEnum):
    """A folder of `infra/terraform` that is applied and destroyed with an environment; each has its own state."""

    EVENT = "event"
    LINK = "link"


class Action(StrEnum):
    """What a run does. `plan` keeps its plan; `apply` applies the kept plan of the run before it."""

    PLAN = "plan"
    APPLY = "apply"
    DESTROY = "destroy"


class RunState(StrEnum):
    """The state of a run."""

    ASKED = "asked"  # recorded; may or may not have begun on its host
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Exit(IntEnum):
    """The exit code of a run's script: which part of it failed. LOST is not an exit code: the run ended without one."""

    LOST = -1
    DONE = 0
    CLONE = 10
    INIT = 11
    PLAN = 12
    ADOPT = 17
    APPLY = 13
    OUTDATED = 14
    DESTROY = 15
    OUTPUTS = 16


_PARTS: Mapping[int, str] = {
    Exit.LOST: "lost",
    Exit.CLONE: "clone",
    Exit.INIT: "init",
    Exit.ADOPT: "adopt",
    Exit.PLAN: "plan",
    Exit.APPLY: "apply",
    Exit.OUTDATED: "apply",
    Exit.DESTROY: "destroy",
    Exit.OUTPUTS: "output",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of Terraform, as recorded. Holds no secret: passwords are made inside AWS."""

    id: UUID
    environment_id: UUID
    stack: Stack
    action: Action
    commit: str  # the commit of the repository to clone, 40 hex digits
    variables: Mapping[str, Any]  # the variables of the stack, as JSON types
    asked_at: datetime
    plan_of: UUID | None = None  # for an apply: the run that made the plan
    state: RunState = RunState.ASKED
    host: str = ""  # where it runs, such as i-0abc or a process id
    hosts: Mapping[str, str] = field(default_factory=dict)  # each machine started for it, and when that was seen
    who: str = ""  # the user and the host name that Terraform writes into a lock there; empty if a person works there
    log: str = ""  # where its whole log is kept
    detail: str = ""  # what it waits for, why it failed, or what still exists of a destroyed environment
    changes: tuple[str, ...] = ()  # for a plan: what it does to which resource, such as "+ aws_vpc.this"
    resources: tuple[Mapping[str, Any], ...] = ()  # for a plan: the resources that cost something, for the bill
    imports: Mapping[str, str] = field(default_factory=dict)  # what a plan or a destroy takes over, id by address
    wanted: tuple[Mapping[str, Any], ...] = ()  # for a plan: what it would create and may exist already
    outputs: Mapping[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None
    version: int = 0  # optimistic lock; 0 if not recorded yet

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self.state in (RunState.DONE, RunState.FAILED)

    def does(self, action: Action, variables: Mapping[str, Any], commit: str) -> bool:
        """Whether this is the run of `action` with these variables from this commit."""
        return self.action is action and dict(self.variables) == dict(variables) and self.commit == commit

    def begun(self, host: str, who: str = "") -> Self:
        """Return this run as running on `host`, where Terraform calls itself `who`."""
        return replace(self, state=RunState.RUNNING, host=host, who=who, detail="")

    def waiting(self, reason: str) -> Self:
        """Return this run as waiting for `reason`."""
        return replace(self, detail=reason)

    def starting(self, host: str, at: datetime) -> Self:
        """Return this run as one for which `host` was started."""
        return self if host in self.hosts else replace(self, hosts={**self.hosts, host: at.isoformat()})

    def ended(self, outcome: "RunOutcome", at: datetime) -> Self:
        """Return this run as ended."""
        return replace(
            self,
            state=RunState.DONE if outcome.exit_code == Exit.DONE else RunState.FAILED,
            detail="" if outcome.exit_code == Exit.DONE else reason(outcome),
            changes=tuple(str(change) for change in outcome.changes),
            resources=tuple(outcome.resources),
            wanted=tuple(outcome.wanted),
            outputs=outcome.outputs,
            log=outcome.log_place,
            ended_at=at,
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a state, as Terraform writes it."""

    id: str
    who: str  # the user and the host name
    version: str  # of the object in S3


def holder(lock: Lock, runs: Sequence[Run]) -> Run | None:
    """Return the run of which the records prove that it holds `lock`, with its host; None if somebody else may.

    A build host's name holds the id of its instance, so no two machines ever have the same. A run that has not ended
    is never returned.
    """
    machine = lock.who.rpartition("@")[2].partition(".")[0]
    for run in reversed(runs):
        if run.over and run.who and run.who == lock.who:
            return run
        if run.over and machine in run.hosts:  # it died before the name was recorded
            return replace(run, host=machine)
    return None


def is_unsettled(runs: Sequence[Run]) -> bool:
    """Whether the newest apply of a stack, given all of its runs, did not end well: it may have left things behind."""
    for run in reversed(runs):
        if run.action is not Action.PLAN and run.state is RunState.DONE:
            return False
        if run.action is Action.APPLY:
            return True
    return False


def applied_last(runs: Sequence[Run]) -> Run | None:
    """Return the newest apply among the runs of a stack; None if there is none."""
    return next((run for run in reversed(runs) if run.action is Action.APPLY), None)


def is_lost_commit(runs: Sequence[Run], commit: str) -> bool:
    """Whether the newest run of `commit`, given all of a stack's runs, could not clone it: its branch may be deleted.

    After a run of another commit that failed as well, `commit` is tried again: perhaps only git did not answer.
    """
    ended = [run for run in reversed(runs) if run.over]
    own = next((run for run in ended if run.commit == commit), None)
    if own is None or not own.detail.startswith(f"{_PARTS[Exit.CLONE]}: "):
        return False
    return ended[0] is own or ended[0].state is RunState.DONE


def failed_plans(runs: Sequence[Run]) -> int:
    """Return how many plans failed since the newest run that was not a plan."""
    last = max((number for number, run in enumerate(runs) if run.action is not Action.PLAN), default=-1)
    return sum(run.state is RunState.FAILED for run in runs[last + 1 :])


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan does to one resource: `actions` as Terraform names them, such as `delete`, `create`."""

    address: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.sign} {self.address}"

    @property
    def sign(self) -> str:
        """The sign that Terraform shows: + ~ - or -/+."""
        if "delete" in self.actions:
            return "-/+" if "create" in self.actions else "-"
        return {"create": "+", "update": "~"}.get(self.actions[0], "?")


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run left on its host."""

    exit_code: int
    log: str  # the last part of the log
    log_place: str  # where the whole log is kept
    changes: Sequence[Change] = ()
    resources: Sequence[Mapping[str, Any]] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    wanted: Sequence[Mapping[str, Any]] = ()


def changes(plan: Mapping[str, Any]) -> list[Change]:
    """Return the changes of a plan, given as `terraform show -json` prints it; reading a resource is not a change."""
    found = [Change(each["address"], tuple(each["change"]["actions"])) for each in plan.get("resource_changes", ())]
    return [each for each in found if each.actions not in (("no-op",), ("read",))]


def counts(found: Sequence[str]) -> dict[str, int]:
    """Return how many of a run's changes add, change and remove; a replacement counts as one that adds and removes."""
    signs = [each.split(" ", 1)[0] for each in found]
    return {
        "add": sum(sign in ("+", "-/+") for sign in signs),
        "change": signs.count("~"),
        "remove": sum(sign in ("-", "-/+") for sign in signs),
    }


def outputs(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `terraform output -json`, without the values that are marked sensitive."""
    return {name: each["value"] for name, each in shown.items() if not each.get("sensitive")}


def locked_by(log: str) -> str:
    """Return the id of the lock that stopped a run; an empty text if none did, or only its own, named before."""
    before, _, after = log.partition("acquiring the state lock")
    found = _LOCK_ID.search(after)
    return found.group(1) if found and found.group(1) not in _LOCK_ID.findall(before) else ""


def reason(outcome: RunOutcome) -> str:
    """Return why a run failed: the part that failed, and Terraform's own errors."""
    part = _PARTS.get(outcome.exit_code, f"exit {outcome.exit_code}")
    told = [each.strip() for each in _ERROR.findall(outcome.log)]
    if not told:
        told = [line.strip() for line in outcome.log.splitlines() if line.strip()][-3:]
    more = f"; and {len(told) - MOST_SHOWN} more" if len(told) > MOST_SHOWN else ""
    return f"{part}: {'; '.join(told[:MOST_SHOWN]) or 'no log'}{more}"


def environment_name(environment_id: UUID) -> str:
    """Return the beginning of the names of all resources of an environment (`environment_name` in the event stack)."""
    return f"md-{environment_id.hex[-8:]}"
