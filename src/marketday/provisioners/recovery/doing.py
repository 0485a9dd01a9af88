"""The steps that AWS's API does: fence, base, secrets, drops' databases. Each looks first whether it is done."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marketday.kit.moments import to_text_of_seconds
from marketday.provisioners.recovery.errors import RecoveryError
from marketday.provisioners.recovery.model import NAME, DatabaseCopy, RecoverySite
from marketday.provisioners.recovery.ports import Progress
from marketday.provisioners.sweep.finder import HOME
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostUnavailable

STACK = f"{NAME}-recovery"
RECOVERED = "-recovered"  # the end of the name of an environment's database that was brought back
_LOOK_EVERY_SECONDS = 5.0
_MOST_LOOKS = 720  # an hour
_TELL_EVERY = 6
_ROLES = (f"{NAME}-", "md-")
Client = Callable[..., Any]


class Doing:
    """What changes the account."""

    def __init__(self, client: Client, site: RecoverySite, look_every_seconds: float = _LOOK_EVERY_SECONDS) -> None:
        """Work with the clients that `client(service, region)` makes."""
        self._client = client
        self._site = site
        self._pause = look_every_seconds

    async def fence(self) -> str | None:
        """Forbid each of our roles everything in the lost region: also a plane there that comes back can do nothing.

        Roles belong to no region, so this works while the region does not. It ends no connection inside its network.
        """
        iam, fenced = self._client("iam", HOME), []
        for role in await self._roles():
            try:
                await call(iam, "get_role_policy", RoleName=role, PolicyName=self._fence)
                continue
            except HostUnavailable as error:
                if "NoSuchEntity" not in str(error.extra.get("code")):
                    raise
            here = {"StringEquals": {"aws:RequestedRegion": self._site.lost}}
            denied = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": here}
            text = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
            await call(iam, "put_role_policy", RoleName=role, PolicyName=self._fence, PolicyDocument=text)
            fenced.append(role)
        return f"{len(fenced)} roles may do nothing in {self._site.lost}" if fenced else None

    async def unfence(self) -> int:
        """Take the fence away; return of how many roles."""
        iam, count = self._client("iam", HOME), 0
        for role in await self._roles():
            try:
                await call(iam, "delete_role_policy", RoleName=role, PolicyName=self._fence)
                count += 1
            except HostUnavailable as error:
                if "NoSuchEntity" not in str(error.extra.get("code")):
                    raise
        return count

    async def base(self, template: str, progress: Progress) -> str | None:
        """Create the stack of CloudFormation; one that was rolled back is removed first."""
        client = self._client("cloudformation", self._site.here)
        status = await self._status()
        if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED"}:
            progress(f"base: an earlier attempt is {status}, and is removed")
            await call(client, "delete_stack", StackName=STACK)
            status = await self._settled(progress)
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"} or await self._has_bucket():
            return None
        if not status:
            roles, repositories = await self._roles(), await self._repositories()
            given = {"MakeRoles": not roles, "MakeRepositories": not repositories}
            await call(
                client,
                "create_stack",
                StackName=STACK,
                TemplateBody=template,
                Capabilities=["CAPABILITY_NAMED_IAM"],
                Tags=[{"Key": "marketday:stack", "Value": "permanent"}],
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": "yes" if value else "no"} for key, value in given.items()
                ],
            )
        status = await self._settled(progress)
        if status != "CREATE_COMPLETE":
            raise RecoveryError(f"the stack {STACK} is {status}: {await self._reasons()}; expected CREATE_COMPLETE")
        return f"stack {STACK}: bucket {self._site.bucket('state')} and its key"

    async def free_secrets(self, names: Sequence[str]) -> str | None:
        """End the copying of each secret of ours that is a copy, and of `names`: then it can be changed here."""
        client, freed = self._client("secretsmanager", self._site.here), 0
        for told in await self._secrets():
            ours = told["Name"].startswith((NAME, self._site.plane)) or {told["Name"], told["ARN"]} & set(names)
            if ours and told.get("PrimaryRegion") not in {None, self._site.here}:
                await call(client, "stop_replication_to_replica", SecretId=told["ARN"])
                freed += 1
        return f"{freed} secrets are their own" if freed else None

    async def _secrets(self) -> list[Mapping[str, Any]]:
        client, found, more = (
            self._client("secretsmanager", self._site.here),
            list[Mapping[str, Any]](),
            dict[str, Any](),
        )
        while True:
            page = await call(client, "list_secrets", **more)
            found += page["SecretList"]
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}

    async def restore(
        self, copies: Sequence[DatabaseCopy], network: Mapping[str, Any], plane: str, progress: Progress
    ) -> str | None:
        """Restore each environment's database beside the mall's, where the controller reaches it without a link."""
        client, made = self._client("rds", self._site.here), []
        for copy in copies:
            name = f"{copy.database}{RECOVERED}"
            if await self._database(name) is None:
                operation, arguments = _restoring(copy, name, network, plane)
                await call(client, operation, **arguments)
                made.append(f"{name} to {to_text_of_seconds(copy.latest)}")
        for copy in copies:
            name = f"{copy.database}{RECOVERED}"
            told = await self._available(name, progress)
            if not told.get("MasterUserSecret"):
                # The password's secret was in the lost region.
                await call(
                    client,
                    "modify_db_instance",
                    DBInstanceIdentifier=name,
                    ManageMasterUserPassword=True,
                    ApplyImmediately=True,
                )
        return f"restored {', '.join(made)}" if made else None

    async def _database(self, name: str) -> Mapping[str, Any] | None:
        try:
            told = await call(self._client("rds", self._site.here), "describe_db_instances", DBInstanceIdentifier=name)
        except HostUnavailable as error:
            if "NotFound" not in str(error.extra.get("code")):
                raise
            return None
        found: Mapping[str, Any] = told["DBInstances"][0]
        return found

    async def _available(self, name: str, progress: Progress) -> Mapping[str, Any]:
        for number in range(_MOST_LOOKS):
            told = await self._database(name) or {}
            if told.get("DBInstanceStatus") == "available":
                return told
            if number % _TELL_EVERY == 0:
                progress(f"drops: {name} is {told.get('DBInstanceStatus', 'not there yet')}")
            await asyncio.sleep(self._pause)
        raise RecoveryError(f"the database {name} is not available after an hour; look at it, then repeat the command")

    async def _roles(self) -> list[str]:
        iam, names, more = self._client("iam", HOME), list[str](), dict[str, Any]()
        while True:
            page = await call(iam, "list_roles", **more)
            names += [one["RoleName"] for one in page["Roles"] if one["RoleName"].startswith(_ROLES)]
            if not page.get("IsTruncated"):
                return sorted(names)
            more = {"Marker": page["Marker"]}

    async def _repositories(self) -> list[str]:
        page = await call(self._client("ecr", self._site.here), "describe_repositories")
        return [one["repositoryName"] for one in page["repositories"] if one["repositoryName"].startswith(f"{NAME}/")]

    async def _has_bucket(self) -> bool:
        try:
            await call(self._client("s3", self._site.here), "head_bucket", Bucket=self._site.bucket("state"))
        except HostUnavailable as error:
            if str(error.extra.get("code")) in {"404", "NoSuchBucket"}:
                return False
            raise
        return True

    async def _status(self) -> str:
        try:
            told = await call(self._client("cloudformation", self._site.here), "describe_stacks", StackName=STACK)
        except HostUnavailable as error:
            if "ValidationError" in str(error.extra.get("code")):
                return ""
            raise
        return str(told["Stacks"][0]["StackStatus"]).replace("DELETE_COMPLETE", "")

    async def _settled(self, progress: Progress) -> str:
        status = ""
        for number in range(_MOST_LOOKS):
            status = await self._status()
            if not status.endswith("_IN_PROGRESS"):
                return status
            if number % _TELL_EVERY == 0:
                progress(f"base: {status}")
            await asyncio.sleep(self._pause)
        return status

    async def _reasons(self) -> str:
        told = await call(self._client("cloudformation", self._site.here), "describe_stack_events", StackName=STACK)
        failed = [one for one in told["StackEvents"] if one.get("ResourceStatus", "").endswith("_FAILED")]
        return "; ".join(f"{one['LogicalResourceId']} {one.get('ResourceStatusReason', '')}" for one in failed[:5])

    @property
    def _fence(self) -> str:
        return f"{NAME}-fence-{self._site.lost}"


def _restoring(copy: DatabaseCopy, name: str, network: Mapping[str, Any], plane: str) -> tuple[str, dict[str, Any]]:
    """Return the operation that restores a copy, and its arguments."""
    tags = {"marketday:stack": "prod", "marketday:plane": plane, "marketday:recovered": copy.database, "Name": name}
    common = {
        "DBSubnetGroupName": plane,
        "VpcSecurityGroupIds": [network["security_group_id"]],
        "PubliclyAccessible": False,
        "MultiAZ": False,
        "DeletionProtection": True,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    if copy.snapshot:
        return "restore_db_instance_from_db_snapshot", {
            "DBInstanceIdentifier": name,
            "DBSnapshotIdentifier": copy.arn,
            **common,
        }
    return "restore_db_instance_to_point_in_time", {
        "TargetDBInstanceIdentifier": name,
        "SourceDBInstanceAutomatedBackupsArn": copy.arn,
        "UseLatestRestorableTime": True,
        **common,
    }
