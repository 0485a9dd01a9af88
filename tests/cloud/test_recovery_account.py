"""What a recovery asks of an account and does there, in the emulated AWS: each step looks first."""

import json
from functools import partial

import boto3
import pytest

from marketday.kit.clock import SystemClock
from marketday.kit.moments import to_text_of_seconds
from marketday.provisioners.recovery.aws import AwsRecovery
from marketday.provisioners.recovery.imports import NewThing
from marketday.provisioners.recovery.model import Presence, RecoverySite
from marketday.provisioners.recovery.ports import WantedThere

from .terraform import ROOT

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
TEMPLATE = (ROOT / "infra" / "cloudformation" / "recovery.yaml").read_text("utf-8")
INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
quiet = list[str]().append


@pytest.fixture
def recovery(account):
    session = boto3.Session(account.number, "testing")
    make = partial(session.client, endpoint_url=account.aws.url)
    site = RecoverySite(SEOUL, TOKYO, "us-west-2", account.number)
    return AwsRecovery(make, site, SystemClock(), look_every_seconds=0.01)


async def test_the_fence_is_on_each_role_of_ours_and_goes_again(account, recovery):
    iam = account.client("iam")
    for name in ("marketday-lifecycle", "md-3f9a1c2e-store", "somebody-else"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    account.lose(SEOUL)
    assert await recovery.fence() == "2 roles may do nothing in ap-northeast-2"
    assert await recovery.fence() is None
    document = iam.get_role_policy(RoleName="md-3f9a1c2e-store", PolicyName="marketday-fence-ap-northeast-2")
    [denied] = document["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Action"]) == ("Deny", "*")
    assert denied["Condition"] == {"StringEquals": {"aws:RequestedRegion": SEOUL}}
    assert iam.list_role_policies(RoleName="somebody-else")["PolicyNames"] == []
    assert (await recovery.unfence(), await recovery.unfence()) == (2, 0)


async def test_a_region_answers_also_with_a_refusal(account, recovery):
    assert await recovery.answers(SEOUL)
    account.lose(SEOUL)
    assert not await recovery.answers(SEOUL)
    account.lose(SEOUL, lost=False)
    for service, action in (("sts", "GetCallerIdentity"), ("ec2", "DescribeAvailabilityZones")):
        account.fail(service, action, "ServiceUnavailable", times=None)
    account.fail("rds", "DescribeDBInstances", "AccessDenied", times=None)
    assert await recovery.answers(SEOUL), "one service of three answers: half a region is not lost"


async def test_the_base_leaves_out_what_exists_and_is_made_once(account, recovery):
    account.client("iam").create_role(RoleName="marketday-builder", AssumeRolePolicyDocument=TRUST)
    account.client("ecr", TOKYO).create_repository(repositoryName="marketday/gate")
    assert "stack marketday-recovery" in await recovery.base(TEMPLATE, quiet)
    assert await recovery.base(TEMPLATE, quiet) is None
    account.client("cloudformation", TOKYO).delete_stack(StackName="marketday-recovery")
    assert await recovery.base(TEMPLATE, quiet) is None, "what it keeps is there without the stack, too"
    [bucket] = account.client("s3", TOKYO).list_buckets()["Buckets"]
    assert bucket["Name"] == f"marketday-state-{account.number}-{TOKYO}"


async def test_copied_secrets_become_their_own(account, recovery):
    here = account.client("secretsmanager", SEOUL)
    here.create_secret(Name="marketday/x", SecretString="v", AddReplicaRegions=[{"Region": TOKYO}])
    account.client("secretsmanager", TOKYO).create_secret(Name="marketday/own", SecretString="v")
    for name in ("marketday-prod/a-new-one", "drops/key", "somebody-else"):
        here.create_secret(Name=name, SecretString="v", AddReplicaRegions=[{"Region": TOKYO}])
    names = ["drops/key", "marketday/own", "marketday/missing"]
    assert await recovery.free_secrets(names) == "3 secrets are their own"
    assert await recovery.free_secrets(names) is None


async def test_what_is_missing_is_found_one_by_one(account, recovery):
    ecr = account.client("ecr", TOKYO)
    part = json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "config": {"digest": "sha256:1"}})
    for image in ("gate", "store", "mall"):
        ecr.create_repository(repositoryName=f"marketday/{image}")
    put = ecr.put_image(repositoryName="marketday/gate", imageManifest=part, imageTag="part")["image"]["imageId"]
    whole, torn = (
        json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"digest": digest}]})
        for digest in (put["imageDigest"], "sha256:" + "9" * 64)
    )
    ecr.put_image(repositoryName="marketday/gate", imageManifest=whole, imageTag="1")
    ecr.put_image(repositoryName="marketday/store", imageManifest=torn, imageTag="1")
    account.client("secretsmanager", TOKYO).create_secret(Name="empty")
    secrets = {"empty": True, "gone": True, "webhook": False}
    found = await recovery.look(WantedThere("drop.example.com", "example.com", "1", secrets=secrets, zones=("a", "z")))
    states = {one.name: one.state for one in found}
    lines = "\n".join(one.line() for one in found)
    assert states["image marketday/gate"] is Presence.THERE
    assert f"sha256:{'9' * 64} is not in ap-northeast-1" in lines
    missing = {name for name, state in states.items() if state is Presence.MISSING}
    assert missing == {
        *(f"image marketday/{image}" for image in ("console", "controller", "mall", "migrate", "store", "worker")),
        *("secret empty", "secret gone", "DNS zone", "zones"),
    }
    assert (states["secret webhook"], states["alias/marketday-recovery"]) == (Presence.WARNS, Presence.WARNS)
    assert "not z" in lines
    # What could not be asked is neither there nor missing.
    account.fail("ec2", "DescribeAvailabilityZones", "InternalError", times=None)
    states = {one.name: one.state for one in await recovery.look(WantedThere("d.example.com", "example.com", "1"))}
    assert states["zones"] is Presence.UNKNOWN


async def test_copies_are_those_of_the_lost_region_alone(account, recovery):
    here, there = account.client("rds", SEOUL), account.client("rds", TOKYO)
    given = {
        "DBInstanceClass": "db.t4g.medium",
        "Engine": "postgres",
        "AllocatedStorage": 20,
        "MasterUsername": "mall_owner",
        "MasterUserPassword": "secret-secret",
    }
    arn = here.create_db_instance(DBInstanceIdentifier="md-3f9a1c2e", **given)["DBInstance"]["DBInstanceArn"]
    there.create_db_instance(DBInstanceIdentifier="own", BackupRetentionPeriod=7, **given)
    key = account.client("kms", TOKYO).create_key()["KeyMetadata"]["Arn"]
    there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn, KmsKeyId=key)
    [copy] = await recovery.copies()
    assert (copy.database, copy.kms_key_arn, copy.snapshot) == ("md-3f9a1c2e", key, False)
    network = {"security_group_id": "sg-1"}
    subnets = [each["SubnetId"] for each in account.client("ec2", TOKYO).describe_subnets()["Subnets"]][:2]
    there.create_db_subnet_group(DBSubnetGroupName="marketday-prod", DBSubnetGroupDescription="d", SubnetIds=subnets)
    told = await recovery.restore([copy], network, quiet)
    assert told == f"restored md-3f9a1c2e-recovered to {to_text_of_seconds(copy.latest)}"
    assert await recovery.restore([copy], network, quiet) is None
    assert [one.database for one in await recovery.copies()] == ["md-3f9a1c2e"]


async def test_what_exists_is_found_where_its_provider_works(account, recovery):
    account.client("iam").create_role(RoleName="marketday-builder", AssumeRolePolicyDocument=TRUST)
    account.client("ecr", "us-west-2").create_repository(repositoryName="marketday/gate")
    roles = [NewThing(f"r.{name}", "aws_iam_role", {"name": name}) for name in ("marketday-builder", "marketday-gone")]
    copies = NewThing("module.registry_replica.r", "aws_ecr_repository", {"name": "marketday/gate"})
    own = NewThing("module.registry.r", "aws_ecr_repository", {"name": "marketday/gate"})
    table = NewThing("t", "aws_dynamodb_table", {"name": "marketday-runs"})
    group = NewThing("g", "aws_cloudwatch_log_group", {"name": "x"})
    assert await recovery.find([*roles, copies, own, table, group]) == {
        "r.marketday-builder": "marketday-builder",
        "module.registry_replica.r": "marketday/gate",
    }
    account.fail("iam", "GetRole", "Throttled", times=None)
    with pytest.raises(Exception, match="Throttled"):  # not found out is not "does not exist"
        await recovery.find(roles)
