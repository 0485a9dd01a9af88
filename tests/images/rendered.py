"""The containers of an event plane, as Terraform writes them into the task definitions.

The stack's own `services.tf` and module `service` are planned by `terraform test`. What they take from other modules
(addresses, secrets) is given here, because a mocked AWS cannot make the passwords that those modules need.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.cloud import stack_variables as given
from tests.cloud.terraform import STACKS, Terraform, copy_of_stacks

PREFIX = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:"
FILES = ("services.tf", "tls.tf", "variables*.tf", "versions.tf")
BALANCED = {
    name: {
        "arn": f"arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/{name}/0",
        "resource_label": "a/b",
    }
    for name in ("gate", "store")
}
TEST = """
mock_provider "aws" {
  override_during = plan
  mock_data "aws_caller_identity" { defaults = { account_id = "123456789012" } }
  mock_data "aws_partition" { defaults = { partition = "aws" } }
  mock_data "aws_region" { defaults = { name = "ap-northeast-2" } }
  mock_data "aws_iam_policy_document" { defaults = { json = "{}" } }
  mock_resource "aws_iam_role" { defaults = { arn = "arn:aws:iam::123456789012:role/a" } }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/a:1" }
  }
}
run "containers" {
  command = plan
  assert {
    condition     = module.gate.service_name != ""
    error_message = "no gate"
  }
}
"""


def containers(
    terraform: Terraform, reached: dict[str, str], folder: Path, database: dict[str, Any], mall: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the containers by their names: gate, store, worker and migrate, which runs before the store.

    `database` is host, port and name of the drop database; `mall` is the stack's variable.
    """
    stack = copy_of_stacks(folder) / "rendered"
    stack.mkdir()
    shutil.copy(stack.parent / "event" / "backend_override.tf", stack)
    for file in (found for pattern in FILES for found in (STACKS / "event").glob(pattern)):
        shutil.copy(file, stack)
    modules: dict[str, dict[str, Any]] = {
        "activity": {"stream": {"arn": "arn:aws:kinesis:ap-northeast-2:123456789012:stream/a", "name": "a"}},
        "admission_key": {"arn": f"{PREFIX}admission-key-AbCdEf"},
        "cache_url": {"arn": f"{PREFIX}cache-url-AbCdEf"},
        "database": {**database, "secret_arn": f"{PREFIX}owner-AbCdEf"},
        "database_url": {"arn": f"{PREFIX}${{var.role}}-database-url-AbCdEf"},
        "load_balancer": {"target_groups": BALANCED},
        "network": {"app_subnet_ids": ["subnet-0a", "subnet-0b"]},
        "security_groups": {"ids": {"gate": "sg-0a", "store": "sg-0b", "worker": "sg-0c"}},
    }
    for name, outputs in modules.items():
        where = stack / "given" / name
        where.mkdir(parents=True)
        module: dict[str, Any] = {"output": {key: {"value": value} for key, value in outputs.items()}}
        if name == "database_url":
            module["variable"] = {"role": {"type": "string"}}
        (where / "main.tf.json").write_text(json.dumps(module), "utf-8")
    calls: dict[str, dict[str, Any]] = {name: {"source": f"./given/{name}"} for name in modules}
    calls["database_url"] |= {"for_each": '${toset(["store", "worker"])}', "role": "${each.key}"}
    around = {
        "module": calls,
        "locals": {"name": "md-3f9a1c2e", "port": 8080},
        "resource": {"aws_kms_key": {"this": {}}},
    }
    (stack / "given.tf.json").write_text(json.dumps(around), "utf-8")
    (stack / "containers.tftest.hcl").write_text(TEST, "utf-8")
    others = {
        "certificate_arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/00000000-0000-4000-8000-000000000000"
    }
    others["alarm_topic_arn"] = "arn:aws:sns:ap-northeast-2:123456789012:alarms"
    others["evidence_bucket"] = "marketday-evidence"
    variables = given.event("ap-northeast-2", "10.64.0.0/20", ["10.0.0.0/16"], **others, mall=mall)
    (stack / "terraform.tfvars.json").write_text(json.dumps(variables), "utf-8")
    terraform.run(stack, "init", also=reached)
    told = terraform.run(stack, "test", "-json", "-verbose", also=reached, fine=(0, 1)).stdout.splitlines()
    messages = [json.loads(line) for line in told]
    plans = [message["test_plan"] for message in messages if message["type"] == "test_plan"]
    assert plans, [message["diagnostic"] for message in messages if "diagnostic" in message] or told
    changes = [
        one["change"]["after"] for one in plans[0]["resource_changes"] if one["type"] == "aws_ecs_task_definition"
    ]
    found = [container for after in changes for container in json.loads(after["container_definitions"])]
    return {container["name"]: container for container in found}
