"""A region that is lost in the emulated AWS, and what is copied to another one before."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import BotoCoreError, ClientError

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"


def test_every_call_to_a_lost_region_ends_without_an_answer(account):
    """Also to a bucket there by another region's address, as in AWS; and other accounts lose nothing."""
    where = {"LocationConstraint": SEOUL}
    account.client("s3", SEOUL).create_bucket(Bucket=f"a-{account.number}", CreateBucketConfiguration=where)
    account.lose(SEOUL)
    for service, operation in (
        ("sns", "list_topics"),
        ("sts", "get_caller_identity"),
        ("rds", "describe_db_instances"),
    ):
        with pytest.raises(BotoCoreError):
            getattr(account.client(service, SEOUL), operation)()
        getattr(account.client(service, TOKYO), operation)()
    with pytest.raises(BotoCoreError):
        account.client("s3", TOKYO).list_objects_v2(Bucket=f"a-{account.number}")
    account.client("iam").list_roles()
    account.aws.account().client("sns", SEOUL).list_topics()
    account.lose(SEOUL, lost=False)
    account.client("s3", TOKYO).list_objects_v2(Bucket=f"a-{account.number}")


def test_a_copy_of_backups_stays_as_it_was_when_the_region_was_lost(account):
    rds, there = account.client("rds", SEOUL), account.client("rds", TOKYO)
    made = rds.create_db_instance(
        DBInstanceIdentifier="mall", DBInstanceClass="db.m7g.large", Engine="postgres", AllocatedStorage=20,
        MasterUsername="mall_owner", MasterUserPassword="secret-secret", BackupRetentionPeriod=7,
    )["DBInstance"]  # fmt: skip
    with pytest.raises(ClientError, match="NotFound"):
        there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=made["DBInstanceArn"] + "x")
    key = account.client("kms", TOKYO).create_key()["KeyMetadata"]["Arn"]
    there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=made["DBInstanceArn"], KmsKeyId=key)
    latest = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
    account.set_backup("mall", TOKYO, latest.isoformat())
    account.lose(SEOUL)
    [copy] = there.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert (copy["RestoreWindow"]["LatestTime"], copy["Region"], copy["Status"]) == (latest, SEOUL, "replicating")
    restored = there.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=copy["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="mall",
        DBInstanceClass="db.m7g.large",
        UseLatestRestorableTime=True,
    )["DBInstance"]
    assert (restored["KmsKeyId"], restored["MasterUsername"]) == (key, "mall_owner")
    changed = {"EnablePerformanceInsights": True, "PerformanceInsightsKMSKeyId": key, "BackupRetentionPeriod": 7}
    there.modify_db_instance(DBInstanceIdentifier="mall", ApplyImmediately=True, **changed)
    [told] = there.describe_db_instances(DBInstanceIdentifier="mall")["DBInstances"]
    assert {name: told.get(name) for name in ("PerformanceInsightsEnabled", "PerformanceInsightsKMSKeyId")} == {
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsKMSKeyId": key,
    }
    assert told["BackupRetentionPeriod"] == 7


def test_a_replica_of_a_secret_becomes_one_of_its_own(account):
    here, there = account.client("secretsmanager", SEOUL), account.client("secretsmanager", TOKYO)
    here.create_secret(Name="marketday/x", SecretString="value", AddReplicaRegions=[{"Region": TOKYO}])
    account.lose(SEOUL)
    with pytest.raises(ClientError):
        there.put_secret_value(SecretId="marketday/x", SecretString="other")
    there.stop_replication_to_replica(SecretId="marketday/x")
    assert there.get_secret_value(SecretId="marketday/x")["SecretString"] == "value"
    there.put_secret_value(SecretId="marketday/x", SecretString="other")
    assert there.get_secret_value(SecretId="marketday/x")["SecretString"] == "other"
    with pytest.raises(ClientError, match="not a replica"):
        there.stop_replication_to_replica(SecretId="marketday/x")


def test_what_is_pushed_is_in_the_other_region_with_the_same_digest(account):
    for region in (SEOUL, TOKYO):
        account.client("ecr", region).create_repository(repositoryName="marketday/gate")
    places = [{"region": TOKYO, "registryId": account.number}]
    rules = [{"destinations": places, "repositoryFilters": [{"filter": "marketday/", "filterType": "PREFIX_MATCH"}]}]
    account.client("ecr", SEOUL).put_replication_configuration(replicationConfiguration={"rules": rules})
    manifest = '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}'
    pushed = {"repositoryName": "marketday/gate", "imageManifest": manifest, "imageTag": "1"}
    digest = account.client("ecr", SEOUL).put_image(**pushed)["image"]["imageId"]["imageDigest"]
    account.lose(SEOUL)
    found = account.client("ecr", TOKYO).describe_images(repositoryName="marketday/gate")["imageDetails"]
    assert [each["imageDigest"] for each in found] == [digest]
