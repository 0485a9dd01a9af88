"""The policies of the roles that build, by role, with the ids and the account that a test names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .policies import Statement, documents
from .stack_variables import PUBLIC_KEY
from .terraform import STACKS, Terraform

EVENT_BUILDER = ("host", "network", "data", "keys", "services", "service_roles", "identity.event", "state.event")
LINK_BUILDER = ("host", "path", "copy", "identity.link", "state.link")
STACK = """
locals {
  secret    = "arn:aws:secretsmanager:REGION:ACCOUNT:secret"
  parameter = "arn:aws:ssm:REGION:ACCOUNT:parameter"
}

module "builder" {
  source = "../modules/builder"

  name                = "marketday"
  state_bucket_arn    = "arn:aws:s3:::marketday-state"
  kms_key_arn         = "arn:aws:kms:REGION:ACCOUNT:key/permanent"
  host_secret_arns    = ["arn:aws:secretsmanager:REGION:ACCOUNT:secret:marketday/build-host/host-key-a"]
  key_value_store_arn = "arn:aws:cloudfront::ACCOUNT:key-value-store/edge"
  certificate_arn     = "arn:aws:acm:REGION:ACCOUNT:certificate/edge"
  evidence_bucket_arn = "arn:aws:s3:::marketday-logs"
  repository_arns     = ["arn:aws:ecr:REGION:ACCOUNT:repository/marketday/gate"]
  prod                = PROD
}

module "build_host" {
  source = "../modules/build_host"

  name               = "marketday-build-host"
  vpc_cidr           = "10.255.255.0/26"
  instance_types     = ["t4g.medium"]
  public_key         = "PUBLIC_KEY"
  instance_profiles  = module.builder.instance_profiles
  host_key_secret    = "marketday/build-host/host-key"
  terraform_version  = "1.11.4"
  provider_mirror    = "s3://marketday-state/providers"
  repository_url     = "https://git.example.com/marketday.git"
  kms_key_arn        = "arn:aws:kms:REGION:ACCOUNT:key/permanent"
  log_retention_days = 30
}

module "lifecycle" {
  source = "../modules/lifecycle"

  name               = "marketday"
  package            = "main.tf"
  kms_key_arn        = "arn:aws:kms:REGION:ACCOUNT:key/permanent"
  log_retention_days = 30
  alarm_topic_arn    = "arn:aws:sns:REGION:ACCOUNT:marketday-alarms"
  host               = "ssm"
  language           = "en"
  repository         = { url = "https://git.example.com/marketday.git", commit = "0123456789abcdef" }
  run_table          = { name = "runs", arn = "arn:aws:dynamodb:REGION:ACCOUNT:table/marketday-runs" }
  state_bucket       = { name = "marketday-state", arn = "arn:aws:s3:::marketday-state" }
  secrets            = { for key in ["slack", "ssh"] : key => { name = key, arn = "${local.secret}:${key}" } }
  parameters         = { for key in ["stack", "receipts"] : key => { name = key, arn = "${local.parameter}/${key}" } }

  build_host = {
    name                    = "marketday-build-host"
    launch_templates        = module.build_host.launch_templates
    instance_profiles       = module.builder.instance_profiles
    role_arns               = module.builder.role_arns
    instance_types          = ["t4g.medium"]
    subnet_arns             = ["arn:aws:ec2:REGION:ACCOUNT:subnet/subnet-0host"]
    host_security_group_arn = "arn:aws:ec2:REGION:ACCOUNT:security-group/sg-0host"
    shell_subnet_id         = module.build_host.shell_subnet_id
    shell_security_group_id = module.build_host.shell_security_group_id
  }
}
"""
TEST = """
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "ACCOUNT" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "REGION" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["REGIONa"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::ACCOUNT:policy/marketday-boundary" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:REGION:ACCOUNT:lost" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:REGION:ACCOUNT:log-group:marketday" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::ACCOUNT:role/some" }
  }
}

override_resource {
  target = module.build_host.aws_vpc.this
  values = { ipv6_cidr_block = "2001:db8:1234:1a00::/56" }
}

override_resource {
  target = module.build_host.aws_launch_template.this["event"]
  values = { id = "lt-0event", arn = "arn:aws:ec2:REGION:ACCOUNT:launch-template/lt-0event" }
}

override_resource {
  target = module.build_host.aws_launch_template.this["link"]
  values = { id = "lt-0link", arn = "arn:aws:ec2:REGION:ACCOUNT:launch-template/lt-0link" }
}

override_resource {
  target = module.builder.aws_iam_instance_profile.this["event"]
  values = { arn = "arn:aws:iam::ACCOUNT:instance-profile/marketday-builder" }
}

override_resource {
  target = module.builder.aws_iam_instance_profile.this["link"]
  values = { arn = "arn:aws:iam::ACCOUNT:instance-profile/marketday-link-builder" }
}

override_resource {
  target = module.builder.aws_iam_role.this["event"]
  values = { arn = "arn:aws:iam::ACCOUNT:role/marketday-builder" }
}

override_resource {
  target = module.builder.aws_iam_role.this["link"]
  values = { arn = "arn:aws:iam::ACCOUNT:role/marketday-link-builder" }
}

run "rights" {}
"""


@dataclass(frozen=True)
class Rights:
    """The statements of each role: of build hosts for the stacks event and link, and of the lifecycle's function."""

    event: list[Statement]
    link: list[Statement]
    lifecycle: list[Statement]
    boundary: list[Statement]


def rights(
    terraform: Terraform, stacks: Path, also: Mapping[str, str], account: str, region: str, prod: Mapping[str, object]
) -> Rights:
    """Return the rights in an account, with the mall's end of the link `prod`, as the stack permanent takes it."""
    folder = stacks / "rights"
    (folder / "tests").mkdir(parents=True)
    (folder / "versions.tf").write_text((STACKS / "modules" / "builder" / "versions.tf").read_text("utf-8"))
    values = {"REGION": region, "ACCOUNT": account, "PROD": _hcl(prod), "PUBLIC_KEY": PUBLIC_KEY}
    (folder / "main.tf").write_text(_filled(STACK, values))
    found = documents(terraform, folder, _filled(TEST, values), also)

    def of(module: str, *names: str) -> list[Statement]:
        addresses = [f"module.{module}.data.aws_iam_policy_document.{name}" for name in names]
        missing = [each for each in addresses if each not in found]
        assert not missing, missing
        return [statement for each in addresses for statement in found[each]]

    return Rights(
        of("builder", *map(_address, EVENT_BUILDER)),
        of("builder", *map(_address, LINK_BUILDER)),
        of("lifecycle", "lifecycle", "work", "hosts", "look", "outlook"),
        of("builder", "boundary"),
    )


def _address(name: str) -> str:
    document, _, key = name.partition(".")
    return f'{document}["{key}"]' if key else document


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _hcl(value: Mapping[str, object]) -> str:
    lists = {name: f'["{each[0]}"]' if isinstance(each, list) else f'"{each}"' for name, each in value.items()}
    return "{ " + ", ".join(f"{name} = {each}" for name, each in lists.items()) + " }"
