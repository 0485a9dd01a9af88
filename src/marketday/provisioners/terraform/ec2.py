"""Build hosts on EC2: one at a time for a stack of an environment, found by its tags, made from a launch template.

Who may tag instances could give one our tags. But only AWS says from which template an instance was started.

Hosts for the stack `link` have a template of their own, because only their role may open a path to the mall.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

from marketday.environments.ports import NotYet
from marketday.kit.clock import Clock
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostSilent, HostUnavailable, NoHostStays
from marketday.provisioners.terraform.model import Run, Stack, environment_name
from marketday.provisioners.terraform.ports import Starting
from marketday.provisioners.terraform.shell import Host

ENVIRONMENT_TAG, ROLE_TAG, ROLE, RUN_TAG = "marketday:environment", "marketday:role", "build-host", "marketday:run"
STACK_TAG = "marketday:builds"
TEMPLATE_TAG = "aws:ec2launchtemplate:id"  # set by AWS, and by nobody else
MOST_HOSTS = 5  # for one run
TELL_AFTER = 3  # so many that were terminated, people are notified
# How long we wait after each host that was terminated while it started. The record of the run counts these hosts,
# because AWS takes the tags of a terminated instance away "after a short while", and shows it for about an hour.
PAUSES = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8))
STARTS_WITHIN = timedelta(minutes=10)
LAST_RUN_AT = timedelta(hours=3)  # the age at which a host gets no new run
LONGEST_LIFE = timedelta(hours=4)  # then it shuts itself down (user data); if it does not, we terminate it
SILENT_FOR = timedelta(minutes=1)  # asked many times in it: more than a short network fault
_LIVING = ("pending", "running")
_TO_END = (*_LIVING, "stopping", "stopped")
# AWS has no such machine in this place now; in another zone, or of another type, it may have one.
_NO_ROOM = {
    "InsufficientCapacity",
    "InsufficientFreeAddressesInSubnet",
    "InsufficientHostCapacity",
    "InsufficientInstanceCapacity",
    "Unsupported",
    "VcpuLimitExceeded",
}

AddressOf = Callable[[Mapping[str, Any]], tuple[str, int]]
"""Returns the address and the SSH port of an instance, given as `describe_instances` shows it."""


def private_address(instance: Mapping[str, Any]) -> tuple[str, int]:
    """Return the address inside the VPC: a build host has no public one."""
    return instance["PrivateIpAddress"], 22


class BuildHosts:
    """The build hosts of one account and region."""

    def __init__(
        self,
        ec2: Any,
        templates: Sequence[str],
        clock: Clock,
        address_of: AddressOf = private_address,
        link_templates: Sequence[str] = (),
    ) -> None:
        """Start hosts from launch templates with these ids: the first, and another after one did not stay.

        Hosts for links are started from `link_templates`, if there are any.
        """
        self._ec2 = ec2
        self._templates = {Stack.EVENT: templates, Stack.LINK: link_templates or templates}
        self._clock = clock
        self._address_of = address_of

    async def ensure(self, run: Run) -> Host | NotYet:
        """Return the host for the stack of `run` in its environment; start one if there is none.

        One that was terminated while it started is followed by another, after a pause, from another template.

        Raises:
            NoHostStays: five for this run were terminated.
            HostSilent: the existing host did not start within ten minutes, or AWS reports that it is impaired.
            HostUnavailable: AWS does not start one.

        """
        found = await self._instances(run.environment_id, run.stack)
        living = await self._living(found)
        tagged = [each for each in found if each not in living and _tag(each, RUN_TAG) == str(run.id)]
        died = await self._died(run, tagged, [each["InstanceId"] for each in living])
        if isinstance(died, NotYet):
            return died
        if not living:
            waiting = self._pause(died)
            if waiting is not None:
                return waiting
            living = [await self._start(run, died)]
        ready = await self._ready(living[0])
        if not isinstance(ready, NotYet):
            return ready
        trouble = _words(died) if len(died) >= TELL_AFTER else ""
        return Starting(ready.reason, trouble, host=living[0]["InstanceId"])

    async def find(self, environment_id: UUID, stack: Stack | None = None) -> Host | NotYet | None:
        """Return the host of an environment for a stack, or for any, or None; start nothing."""
        living = await self._living(await self._instances(environment_id, stack))
        return await self._ready(living[0]) if living else None

    async def end(self, environment_id: UUID, stack: Stack | None = None) -> None:
        """Terminate the hosts of an environment for a stack, or for all. Repeating it changes nothing."""
        await self._terminate(_of(await self._instances(environment_id, stack), _TO_END))

    async def gone(self, name: str) -> bool:
        """Whether the instance `name` is terminated, or no longer known; one that is shutting down still works.

        An answer without the instance proves nothing.
        """
        try:
            answer = await call(self._ec2, "describe_instances", InstanceIds=[name])
        except HostUnavailable as error:
            if error.extra.get("code") != "InvalidInstanceID.NotFound":
                raise
            return True
        states = [each["State"]["Name"] for group in answer["Reservations"] for each in group["Instances"]]
        return bool(states) and all(state == "terminated" for state in states)

    def is_awaited(self, run: Run) -> bool:
        """Whether `run` is old enough that a missing answer of its host is more than a short fault."""
        return self._clock.now() - run.asked_at >= SILENT_FOR

    def is_young(self, host: Host) -> bool:
        """Whether `host` may still be starting."""
        return self._clock.now() - host.launched_at < STARTS_WITHIN

    def ends_soon(self, host: Host) -> bool:
        """Whether `host` has too little time left for another run."""
        return self._clock.now() - host.launched_at >= LAST_RUN_AT

    async def _living(self, found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the hosts that may be used. One that is too old should have ended: it is terminated and left out."""
        now = self._clock.now()
        outlived = [each for each in _of(found, _TO_END) if now - _launched(each) >= LONGEST_LIFE]
        await self._terminate(outlived)
        return [each for each in _of(found, _LIVING) if each not in outlived]

    async def _terminate(self, instances: Sequence[Mapping[str, Any]]) -> None:
        if instances:
            ids = [each["InstanceId"] for each in instances]
            await call(self._ec2, "terminate_instances", InstanceIds=ids)

    async def _instances(self, environment_id: UUID, stack: Stack | None = None) -> Sequence[Mapping[str, Any]]:
        tags = {ENVIRONMENT_TAG: str(environment_id), ROLE_TAG: ROLE} | ({STACK_TAG: stack} if stack else {})
        templates = self._templates[stack] if stack else chain.from_iterable(self._templates.values())
        filters = [{"Name": f"tag:{name}", "Values": [value]} for name, value in tags.items()]
        filters.append({"Name": f"tag:{TEMPLATE_TAG}", "Values": sorted(set(templates))})
        # One environment never has many hosts: the first page has all of them.
        answer = await call(self._ec2, "describe_instances", Filters=filters)
        found = [each for group in answer["Reservations"] for each in group["Instances"]]
        return sorted(found, key=lambda each: (each["LaunchTime"], each["InstanceId"]))

    async def _died(
        self, run: Run, tagged: Sequence[Mapping[str, Any]], living: Collection[str]
    ) -> Sequence[Mapping[str, Any]] | NotYet:
        """Return the hosts of `run` that ended: those that their tags show, and those that are recorded.

        NotYet if one was started a moment ago and is not listed yet: it may live.
        """
        ended = {each["InstanceId"]: each for each in tagged}
        others = [name for name in run.hosts if name not in ended and name not in living]
        shown = {}
        if others:
            filters = [{"Name": "instance-id", "Values": others}]
            answer = await call(self._ec2, "describe_instances", Filters=filters)
            shown = {each["InstanceId"]: each for group in answer["Reservations"] for each in group["Instances"]}
        for name in others:
            began = datetime.fromisoformat(run.hosts[name])
            state = shown[name]["State"]["Name"] if name in shown else "not listed"
            if state in (*_LIVING, "not listed") and not living and self._clock.now() - began < STARTS_WITHIN:
                return NotYet(f"build host {name} is {state}, without its tags")
            ended[name] = shown.get(name) or {"InstanceId": name, "LaunchTime": began}
        return sorted(ended.values(), key=lambda each: (each["LaunchTime"], each["InstanceId"]))

    def _pause(self, died: Sequence[Mapping[str, Any]]) -> NotYet | None:
        """Return the wait before the next host; raises NoHostStays instead of one more."""
        if not died:
            return None
        if len(died) >= MOST_HOSTS:
            raise NoHostStays(f"{_words(died)}; expected one to stay")
        next_at = max(map(_launched, died)) + PAUSES[len(died) - 1]
        if self._clock.now() >= next_at:
            return None
        reason = f"build host {died[-1]['InstanceId']} was terminated; the next one starts at {next_at:%H:%M:%S} UTC"
        return NotYet(reason, trouble=_words(died) if len(died) >= TELL_AFTER else "")

    async def _start(self, run: Run, died: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Start a host from the next template; if AWS has no room for it, from the one after it."""
        templates = self._templates[run.stack]
        first = len(died) % len(templates)
        *others, last = [*templates[first:], *templates[:first]]
        for template in others:
            try:
                return await self._run_instance(run, died, template)
            except HostUnavailable as error:
                if error.extra.get("code") not in _NO_ROOM:
                    raise
        return await self._run_instance(run, died, last)

    async def _run_instance(self, run: Run, died: Sequence[Mapping[str, Any]], template: str) -> Mapping[str, Any]:
        # With the same token AWS returns the host that it started before, also if it is not listed yet. After a host
        # that ended, the token is another one: otherwise AWS would return the ended host.
        token = uuid5(run.id, ",".join([template, *(each["InstanceId"] for each in died)]))
        tags = {
            "Name": f"{environment_name(run.environment_id)}-{ROLE}",
            ROLE_TAG: ROLE,
            ENVIRONMENT_TAG: str(run.environment_id),
            STACK_TAG: run.stack,
            RUN_TAG: str(run.id),
        }
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        answer = await call(
            self._ec2,
            "run_instances",
            LaunchTemplate={"LaunchTemplateId": template, "Version": "$Default"},
            MinCount=1,
            MaxCount=1,
            ClientToken=str(token),
            TagSpecifications=[{"ResourceType": kind, "Tags": listed} for kind in ("instance", "volume")],
        )
        started: Mapping[str, Any] = answer["Instances"][0]
        return started

    async def _ready(self, instance: Mapping[str, Any]) -> Host | NotYet:
        name, state = instance["InstanceId"], instance["State"]["Name"]
        late = self._clock.now() - _launched(instance) >= STARTS_WITHIN
        if state == "running":
            host = Host(name, *self._address_of(instance), _launched(instance))
            state = await self._health(name)
            if state == "ok":
                return host
            if late or state == "impaired":
                raise HostSilent(f"{host}: its status is {state}, expected ok")
        elif late:
            raise HostSilent(f"build host {name} is {state} since {_launched(instance)}, expected running")
        return NotYet(f"build host {name} is {state}")

    async def _health(self, name: str) -> str:
        """Return the worse result of AWS's two checks: of the instance, and of the system that it runs on."""
        answer = await call(self._ec2, "describe_instance_status", InstanceIds=[name])
        shown = [
            each[key]["Status"] for each in answer["InstanceStatuses"] for key in ("InstanceStatus", "SystemStatus")
        ]
        return next((each for each in shown if each != "ok"), "ok") if shown else "initializing"


def _of(instances: Sequence[Mapping[str, Any]], states: Sequence[str]) -> list[Mapping[str, Any]]:
    return [each for each in instances if each["State"]["Name"] in states]


def _launched(instance: Mapping[str, Any]) -> datetime:
    launched: datetime = instance["LaunchTime"]
    return launched


def _tag(instance: Mapping[str, Any], name: str) -> str:
    return next((each["Value"] for each in instance.get("Tags", ()) if each["Key"] == name), "")


def _words(died: Sequence[Mapping[str, Any]]) -> str:
    """Return which hosts were terminated, where and of what type each was, and the reason that AWS gives."""
    told = []
    for each in died:
        zone = each.get("Placement", {}).get("AvailabilityZone", "no zone")
        why = each.get("StateReason", {}).get("Message") or "no reason given"
        told.append(f"{each['InstanceId']} ({each.get('InstanceType', 'no type')} in {zone}: {why})")
    return f"{len(died)} build hosts were terminated while they started: {', '.join(told)}"
