"""The AWS account of a recovery. Implements `recovery.ports.Account`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.config import Config

from marketday.kit.clock import Clock
from marketday.provisioners.recovery.doing import Doing
from marketday.provisioners.recovery.imports import NewThing, asked, found_id, region_of
from marketday.provisioners.recovery.looking import RegionLook
from marketday.provisioners.recovery.looks import LOOKS
from marketday.provisioners.recovery.model import DatabaseCopy, Finding, RecoverySite
from marketday.provisioners.recovery.ports import Progress, WantedThere
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable

_AWAY = ("NotFound", "NoSuch", "NonExistent", "Nonexist", "ValidationError", "404")
_PROBES = (("sts", "get_caller_identity"), ("ec2", "describe_availability_zones"), ("rds", "describe_db_instances"))
_DROP_TAG = "marketday:drop"
Make = Callable[..., Any]  # boto3.Session().client


class AwsRecovery:
    """Everything that is asked of AWS, and done there."""

    def __init__(self, make: Make, site: RecoverySite, clock: Clock, *, look_every_seconds: float = 5.0) -> None:
        """Call AWS with clients that `make` makes (`boto3.Session().client`)."""
        self._make = make
        self._site = site
        self._clients: dict[tuple[str, str], Any] = {}
        self._looking = RegionLook(self.client, site, clock)
        self._doing = Doing(self.client, site, look_every_seconds)

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        if (service, region) not in self._clients:
            config = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})
            self._clients[service, region] = self._make(service, region_name=region, config=config)
        return self._clients[service, region]

    async def identity(self) -> tuple[str, str]:
        """Return the account's number and who asks."""
        told = await call(self.client("sts", self._site.here), "get_caller_identity")
        return str(told["Account"]), str(told["Arn"])

    async def answers(self, region: str) -> bool:
        """Whether one of three services answers there, if only with a refusal: half a region is not lost."""
        config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1})
        for service, operation in _PROBES:
            try:
                await call(self._make(service, region_name=region, config=config), operation)
            except AccessRefused:
                return True
            except HostUnavailable as error:
                if error.extra.get("code") in {None, "ServiceUnavailable", "InternalError", "InternalFailure"}:
                    continue
                return True
            return True
        return False

    async def copies(self) -> Sequence[DatabaseCopy]:
        """Return the copied backups, and the copied snapshots, of databases in the lost region."""
        client = self.client("rds", self._site.here)
        backups = await self._all(client, "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups")
        found = [
            DatabaseCopy(
                one["DBInstanceIdentifier"],
                one["RestoreWindow"]["LatestTime"],
                one["DBInstanceAutomatedBackupsArn"],
                one["KmsKeyId"],
                drop=_tag(one, _DROP_TAG),
            )
            for one in backups
            if one.get("Region") == self._site.lost and (one.get("RestoreWindow") or {}).get("LatestTime")
        ]
        snapshots = await self._all(client, "describe_db_snapshots", "DBSnapshots")
        return found + [
            DatabaseCopy(
                one["DBInstanceIdentifier"],
                one.get("OriginalSnapshotCreateTime") or one["SnapshotCreateTime"],
                one["DBSnapshotArn"],
                one["KmsKeyId"],
                snapshot=True,
                drop=_tag(one, _DROP_TAG),
            )
            for one in snapshots
            if one.get("SourceRegion") == self._site.lost and one["Status"] == "available" and one.get("KmsKeyId")
        ]

    async def look(self, wanted: WantedThere) -> Sequence[Finding]:
        """Return what of `wanted` is there."""
        return await self._looking.look(wanted)

    async def fence(self) -> str | None:
        """Forbid our roles everything in the lost region."""
        return await self._doing.fence()

    async def unfence(self) -> int:
        """Take that away; return of how many roles."""
        return await self._doing.unfence()

    async def base(self, template: str, progress: Progress) -> str | None:
        """Let CloudFormation make the base."""
        return await self._doing.base(template, progress)

    async def free_secrets(self, names: Sequence[str]) -> str | None:
        """Make the copied secrets independent."""
        return await self._doing.free_secrets(names)

    async def restore(
        self, copies: Sequence[DatabaseCopy], network: Mapping[str, Any], progress: Progress
    ) -> str | None:
        """Restore environments' databases beside the mall's."""
        return await self._doing.restore(copies, network, self._site.plane, progress)

    async def find(self, things: Sequence[NewThing]) -> Mapping[str, str]:
        """Return the ids of what exists; each listing without arguments is read once."""
        found, listed = dict[str, str](), dict[tuple[str, str, str], Mapping[str, Any]]()
        for each in things:
            look, region = LOOKS[each.type], region_of(each, self._site)
            arguments = asked(look, each)
            if arguments is None:
                continue
            key = (look.service, region, f"{look.call} {arguments}")
            if key not in listed:
                listed[key] = await self._answer(look.service, region, look.call, arguments)
            id_ = found_id(look, each, listed[key])
            if id_ is not None:
                found[each.address] = id_
        return found

    async def _answer(
        self, service: str, region: str, operation: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        client = self.client(service, region)
        try:
            if client.can_paginate(operation):
                pages = client.get_paginator(operation)
                return await call(_Pages(pages, client.meta), "whole", **arguments)
            return await call(client, operation, **arguments)
        except HostUnavailable as error:
            if any(word in str(error.extra.get("code")) for word in _AWAY):
                return {}
            raise

    @staticmethod
    async def _all(client: Any, operation: str, items: str) -> list[Any]:
        told = await call(_Pages(client.get_paginator(operation), client.meta), "whole")
        found: list[Any] = told.get(items, [])
        return found


class _Pages:
    """A paginator that `call` can ask for all pages as one answer."""

    def __init__(self, pages: Any, meta: Any) -> None:
        self._pages = pages
        self.meta = meta

    def whole(self, **arguments: Any) -> dict[str, Any]:
        whole: dict[str, Any] = self._pages.paginate(**arguments).build_full_result()
        return whole


def _tag(one: Mapping[str, Any], name: str) -> str:
    return next((str(tag["Value"]) for tag in one.get("TagList", ()) if tag["Key"] == name), "")
