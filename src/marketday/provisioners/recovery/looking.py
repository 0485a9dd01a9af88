"""Looks what is there in the region in which everything is brought back. Changes nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from marketday.capacity.quotas.model import QuotaFound, QuotaNeed
from marketday.kit.clock import Clock
from marketday.provisioners.recovery.model import NAME, Finding, Presence, RecoverySite
from marketday.provisioners.recovery.ports import WantedThere
from marketday.provisioners.sweep.finder import HOME
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import TerraformError
from marketday.provisioners.terraform.quotas import AwsOutlook

IMAGES = ("console", "controller", "gate", "mall", "migrate", "store", "worker")
_INDEXES = ("manifest.list", "image.index")
_MANIFESTS = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]
_ABSENT = ("NotFound", "NoSuch", "404")
_ACTIONS = (
    "cloudformation:CreateStack",
    "cloudfront:UpdateDistribution",
    "ec2:CreateVpc",
    "eks:CreateCluster",
    "elasticache:CreateReplicationGroup",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "kms:CreateKey",
    "lambda:CreateFunction",
    "rds:RestoreDBInstanceToPointInTime",
    "route53:ChangeResourceRecordSets",
    "s3:CreateBucket",
    "secretsmanager:StopReplicationToReplica",
)
Client = Callable[..., Any]


class RegionLook:
    """The checks before anything begins, all of them at once."""

    def __init__(self, client: Client, site: RecoverySite, clock: Clock) -> None:
        """Ask with the clients that `client(service, region)` makes."""
        self._client = client
        self._site = site
        self._clock = clock

    async def look(self, wanted: WantedThere) -> Sequence[Finding]:
        """Return a finding for each thing, in the order in which a person would check them."""
        checks = [
            self._rights(),
            *(self._image(f"{NAME}/{image}", wanted) for image in IMAGES),
            *(self._secret(name, needed=needed) for name, needed in wanted.secrets.items()),
            self._key(),
            self._evidence(),
            self._zone(wanted.zone),
            self._certificate(wanted.hostname),
            self._zones(wanted.zones),
            *(self._quota(need) for need in _needs(len(wanted.zones))),
        ]
        return await asyncio.gather(*(_told(each) for each in checks))

    async def _rights(self) -> Finding:
        who = (await call(self._here("sts"), "get_caller_identity"))["Arn"]
        if who.endswith(":root"):
            return Finding("rights", Presence.THERE, f"{who}, who may do everything")
        source = who
        if ":assumed-role/" in who:
            source = f"{who.partition(':sts:')[0]}:iam::{who.split(':')[4]}:role/{who.split('/')[1]}"
        try:
            asked = {"PolicySourceArn": source, "ActionNames": list(_ACTIONS)}
            answer = await call(self._client("iam", HOME), "simulate_principal_policy", **asked)
        except TerraformError as error:
            return Finding("rights", Presence.UNKNOWN, f"of {who}: {error.detail}")
        refused = [one["EvalActionName"] for one in answer["EvaluationResults"] if one["EvalDecision"] != "allowed"]
        if refused:
            return Finding(
                "rights", Presence.MISSING, f"{who} may not {', '.join(refused)}", "Use an administrator's role"
            )
        return Finding("rights", Presence.THERE, who)

    async def _image(self, repository: str, wanted: WantedThere) -> Finding:
        """Look for the tag, for the digest that the overlay names, and for every digest that an index names."""
        name, digest = f"image {repository}", wanted.digests.get(repository)
        tagged = repository.removeprefix(f"{NAME}/") in {"gate", "store", "worker", "migrate"}
        asked = [*([{"imageTag": wanted.image_tag}] if tagged else []), *([{"imageDigest": digest}] if digest else [])]
        asked = asked or [{"imageTag": wanted.image_tag}]
        found = await self._manifests(repository, asked)
        parts = [part for manifest in found for part in _parts(manifest)]
        absent = [each for each in asked if not await self._manifests(repository, [each])]
        absent += [
            {"imageDigest": one} for one in parts if not await self._manifests(repository, [{"imageDigest": one}])
        ]
        if absent:
            names = ", ".join(str(value) for each in absent for value in each.values())
            remedy = f"Push it to {self._site.here} (docs/images.md); copies begin only when replication is on"
            return Finding(name, Presence.MISSING, f"{names} is not in {self._site.here}", remedy)
        return Finding(name, Presence.THERE, ", ".join(str(value) for each in asked for value in each.values()))

    async def _manifests(self, repository: str, ids: Sequence[dict[str, str]]) -> list[str]:
        asked = {"repositoryName": repository, "imageIds": list(ids), "acceptedMediaTypes": _MANIFESTS}
        try:
            answer = await call(self._here("ecr"), "batch_get_image", **asked)
        except TerraformError as error:
            if _absent(error):
                return []
            raise
        return [str(one["imageManifest"]) for one in answer.get("images", ())]

    async def _secret(self, name: str, *, needed: bool) -> Finding:
        shown = name.rpartition(":secret:")[2] or name
        absent = Presence.MISSING if needed else Presence.WARNS
        remedy = f"`aws secretsmanager create-secret --region {self._site.here} --name {shown}`, or wait for its copy"
        try:
            told = await call(self._here("secretsmanager"), "describe_secret", SecretId=name)
        except TerraformError as error:
            if not _absent(error):
                raise
            return Finding(f"secret {shown}", absent, f"is not in {self._site.here}", remedy)
        if told.get("DeletedDate"):
            return Finding(f"secret {shown}", absent, "is marked for deletion", "`aws secretsmanager restore-secret`")
        if not told.get("VersionIdsToStages"):
            return Finding(f"secret {shown}", absent, "has no value", "`aws secretsmanager put-secret-value`")
        return Finding(f"secret {shown}", Presence.THERE, "has a value")

    async def _key(self) -> Finding:
        name = f"alias/{NAME}-recovery"
        try:
            told = (await call(self._here("kms"), "describe_key", KeyId=name))["KeyMetadata"]
        except TerraformError as error:
            if not _absent(error):
                raise
            return Finding(
                name, Presence.WARNS, f"is not in {self._site.here}", "Copies use another key, or there are none"
            )
        good = told["KeyState"] == "Enabled"
        remedy = "`aws kms cancel-key-deletion`, `enable-key`: without it no copy can be read"
        return Finding(
            name, Presence.THERE if good else Presence.MISSING, f"{told['KeyId']} is {told['KeyState']}", remedy
        )

    async def _evidence(self) -> Finding:
        bucket = self._site.bucket("logs")
        try:
            await call(self._here("s3"), "head_bucket", Bucket=bucket)
        except TerraformError as error:
            if not _absent(error):
                raise
            return Finding("evidence", Presence.WARNS, f"no bucket {bucket}", "The evidence of earlier drops is lost")
        return Finding("evidence", Presence.THERE, bucket)

    async def _zone(self, zone: str) -> Finding:
        told = await call(self._client("route53", HOME), "list_hosted_zones_by_name", DNSName=zone)
        if any(one["Name"].rstrip(".") == zone for one in told["HostedZones"]):
            return Finding("DNS zone", Presence.THERE, zone)
        return Finding(
            "DNS zone", Presence.MISSING, f"{zone} is not in Route 53", "Certificates wait for it: docs/aws.md, step 2"
        )

    async def _certificate(self, hostname: str) -> Finding:
        told = await call(self._client("acm", HOME), "list_certificates", CertificateStatuses=["ISSUED"])
        if any(one["DomainName"] == hostname for one in told["CertificateSummaryList"]):
            return Finding("certificate", Presence.THERE, f"{hostname} at the edge; the region's own is made")
        return Finding(
            "certificate", Presence.WARNS, f"none for {hostname} at the edge", "It is made, and waits for DNS"
        )

    async def _zones(self, letters: Sequence[str]) -> Finding:
        told = await call(self._here("ec2"), "describe_availability_zones")
        there = {one["ZoneName"].removeprefix(self._site.here) for one in told["AvailabilityZones"]}
        lacking = [letter for letter in letters if letter not in there]
        if lacking:
            detail = f"{self._site.here} has {', '.join(sorted(there))} and not {', '.join(lacking)}"
            file = f"infra/terraform/STACK/recovery/{self._site.here}.tfvars.json"
            return Finding("zones", Presence.MISSING, detail, f"Set `zones` of permanent and prod in {file}")
        return Finding("zones", Presence.THERE, ", ".join(letters))

    async def _quota(self, need: QuotaNeed) -> Finding:
        found: QuotaFound = await AwsOutlook(lambda service: self._here(service), self._clock).of(need)  # noqa: PLW0108
        name = f"quota of {need.name}"
        if found.quota is None:
            return Finding(name, Presence.UNKNOWN, f"needs {need.needed}; {found.why}")
        detail = f"needs {need.needed}, {found.quota:g} allowed, {found.used or 0:g} used"
        if found.lacking:
            remedy = found.line().partition("; ask for ")[2]
            return Finding(name, Presence.MISSING, detail, f"Ask for {remedy} --region {self._site.here}")
        return Finding(name, Presence.THERE, detail)

    def _here(self, service: str) -> Any:
        return self._client(service, self._site.here)


async def _told(check: Awaitable[Finding]) -> Finding:
    """Return a check's finding; what could not be asked is one too."""
    try:
        return await check
    except TerraformError as error:
        return Finding(getattr(check, "__name__", "check").strip("_"), Presence.UNKNOWN, error.detail)


def _absent(error: TerraformError) -> bool:
    return any(word in str(error.extra.get("code")) for word in _ABSENT)


def _parts(manifest: str) -> list[str]:
    """Return the digests that an index of several platforms names; none for an image of one."""
    told = json.loads(manifest)
    kind = str(told.get("mediaType", ""))
    return [str(one["digest"]) for one in told.get("manifests", ())] if any(word in kind for word in _INDEXES) else []


def _needs(zones: int) -> list[QuotaNeed]:
    return [
        QuotaNeed("VPCs", "vpc", "L-F678F1CE", 2, "networks"),
        QuotaNeed("elastic IP addresses", "ec2", "L-0263D0A3", zones, "addresses"),
        QuotaNeed("RDS instances", "rds", "L-7B6409FD", 2, "databases"),
        QuotaNeed("ElastiCache nodes", "elasticache", "L-DFE45DF3", 2, "caches"),
        QuotaNeed("vCPUs of EC2 on demand", "ec2", "L-1216C47A", 16, "usage"),
        QuotaNeed("application load balancers", "elasticloadbalancing", "L-53DA6B97", 2, "balancers"),
    ]
