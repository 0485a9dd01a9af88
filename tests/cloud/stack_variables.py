"""Variables for each stack, and what must be in an account before one of them is applied alone."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .emulated import Account

ENVIRONMENT = "019ac0de-0000-7000-8000-00003f9a1c2e"
OTHER_ENVIRONMENT = "019ac0de-0000-7000-8000-0000b17e5002"
# A key that opens nothing: its private half was thrown away.
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0RtDgLp2P0B4m0Nn8oFzrsXl2nXkP0n8f1c6o8dHqk tests"
RETRIES = 3  # under load a connection breaks now and then, in the provider or in the emulator
REGISTRY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
# Of no authority: nothing here opens a connection with it.
CERTIFICATES = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n" * 3
JWKS = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "AA"}]})


def moment(hours: float) -> str:
    """Return a moment so many hours from now, as the stacks take it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def permanent(region: str, replica_region: str, folder: Path) -> dict[str, Any]:
    package = folder / "lambda.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("marketday/__init__.py", "")
    return {
        "region": region,
        "replica_region": replica_region,
        "provider_max_retries": RETRIES,
        "deletion_protection": False,
        "hostname": "drop.example.com",
        "zone": {"name": "example.com"},
        "build_host_public_key": PUBLIC_KEY,
        "lambda_package": str(package),
        "repository": {"url": "https://git.example.com/marketday.git", "commit": "0123456789abcdef0123" * 2},
        "receipt_jwks": JWKS,
        "database_ca_pem": CERTIFICATES,
        "alarm_emails": ["ops@example.com"],
    }


def prod(region: str, cidr: str, zones: str) -> dict[str, Any]:
    return {
        "region": region,
        "provider_max_retries": RETRIES,
        "vpc_cidr": cidr,
        "zones": list(zones),
        "admin_role_arns": ["arn:aws:iam::123456789012:role/administrators"],
        "deletion_protection": False,
        "skip_final_snapshot": True,
    }


def dev(account: Account, region: str, cidr: str, zones: str) -> dict[str, Any]:
    names = {name: f"{name}.dev.example.com" for name in ("jenkins", "sonarqube", "webhook")}
    certificate = account.client("acm", region).request_certificate(DomainName="*.dev.example.com")["CertificateArn"]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3"}}
    made = {"Name": "al2023", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": [disk]}
    image = account.client("ec2", region).register_image(**made)["ImageId"]
    return {
        "region": region,
        "provider_max_retries": RETRIES,
        "vpc_cidr": cidr,
        "zones": list(zones),
        "people_cidrs": ["203.0.113.0/24"],
        "hostnames": names,
        "certificate_arn": certificate,
        "repository": {
            "owner": "example",
            "name": "marketday",
            "url": "https://github.com/example/marketday.git",
            "commit": "0123456789abcdef0123" * 2,
        },
        "sign_in": {
            "configuration_url": "https://id.example.com/.well-known/openid-configuration",
            "operators": "operators",
            "developers": "developers",
        },
        "delivery": {
            "repository": "https://github.com/example/deployment.git",
            "smoke_url": "https://mall.example.com",
        },
        "jenkins": {"version": "2.555.1", "plugin_manager": "2.13.2", "plugin_manager_sha256": "a" * 64},
        "sonarqube": {"version": "26.4.0.1", "sha256": "b" * 64},
        "agents": {"image": image},
        "image": image,
        "agent_public_key": PUBLIC_KEY,
        "deletion_protection": False,
        "skip_final_snapshot": True,
    }


def event(region: str, cidr: str, others: list[str], **variables: Any) -> dict[str, Any]:
    service = {"cpu": 512, "memory": 1024, "min": 2, "max": 6}
    return {
        "region": region,
        "provider_max_retries": RETRIES,
        "environment_id": ENVIRONMENT,
        "drop": "tint-2026",
        "expires_at": moment(40),
        "room_opens_at": moment(10),
        "closes_at": moment(20),
        "vpc_cidr": cidr,
        "other_cidrs": others,
        "hostname": "drop.example.com",
        "images": {name: f"{REGISTRY}/marketday/{name}:1" for name in ("gate", "store", "worker", "migrate")},
        "sizes": {
            "gate": {**service, "requests_per_target": 6000},
            "store": {**service, "requests_per_target": 3000},
            "worker": {**service, "min": 1, "max": 2},
            "database": {"instance_class": "db.m7g.large", "storage_gb": 50},
            "cache": {"node_type": "cache.m7g.large", "replicas": 1},
            "stream_shards": 2,
        },
        **variables,
    }


def mall(secret_arn: str) -> dict[str, Any]:
    """What an event stack is told of the mall."""
    return {
        "issuer": "https://mall.example.com",
        "jwks": JWKS,
        "public_url": "https://mall.example.com",
        "payment_gateway_url": "https://pay.example.com",
        "payment_key_secret_arn": secret_arn,
    }


def link(
    region: str, event_database: dict[str, Any], prod_database: dict[str, Any], **variables: Any
) -> dict[str, Any]:
    return {
        "region": region,
        "provider_max_retries": RETRIES,
        "environment_id": ENVIRONMENT,
        "drop": "tint-2026",
        "expires_at": moment(20),
        "event": event_database,
        "prod": prod_database,
        "staging_schema": "drop_tint_2026_3f9a1c2e",
        **variables,
    }


def payment_key(account: Account, region: str) -> str:
    """Make the secret that the payment gateway's key lies in; return its ARN."""
    made: str = account.client("secretsmanager", region).create_secret(Name="payment-key", SecretString="x")["ARN"]
    return made


def surroundings(account: Account, region: str) -> dict[str, Any]:
    """Make what an event stack takes from the permanent one and the mall; return the variables that name it."""
    certificate = account.client("acm", region).request_certificate(DomainName="drop.example.com")["CertificateArn"]
    topic = account.client("sns", region).create_topic(Name="alarms")["TopicArn"]
    secret = payment_key(account, region)
    bucket, where = f"marketday-logs-{account.number}", {"LocationConstraint": region}
    account.client("s3", region).create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    store = account.client("cloudfront").create_key_value_store(Name="places")["KeyValueStore"]["ARN"]
    return {
        "certificate_arn": certificate,
        "alarm_topic_arn": topic,
        "evidence_bucket": bucket,
        "mall": mall(secret),
        "edge_key_value_store_arn": store,
    }


def database(account: Account, region: str, name: str, network: str) -> dict[str, Any]:
    """Make a network (`network`: its first two numbers) around a database, as the stacks event and prod tell of it."""
    ec2 = account.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock=f"{network}.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    cidrs = [f"{network}.{index}.0/24" for index in range(2)]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for block, zone in zip(cidrs, zones, strict=True)
    ]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    stack = {"drop": "event", "mall": "prod"}[name]  # rights depend on this tag
    ec2.create_tags(Resources=[vpc, *subnets, group, table], Tags=[{"Key": "marketday:stack", "Value": stack}])
    return {
        "vpc_id": vpc,
        "vpc_cidr": f"{network}.0.0/16",
        "host": f"{name}.internal",
        "port": 5432,
        "name": name,
        "security_group_id": group,
        "subnet_ids": subnets,
        "subnet_cidrs": cidrs,
        "route_table_ids": [table],
    }
