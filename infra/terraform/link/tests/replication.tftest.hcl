# The replication, and what it must never do.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/md-3f9a1c2e-link-secrets" }
  }

  mock_resource "aws_dms_replication_instance" {
    defaults = { replication_instance_arn = "arn:aws:dms:ap-northeast-2:123456789012:rep:LINK" }
  }

  mock_resource "aws_dms_endpoint" {
    defaults = { endpoint_arn = "arn:aws:dms:ap-northeast-2:123456789012:endpoint:LINK" }
  }

  mock_resource "aws_dms_certificate" {
    defaults = { certificate_arn = "arn:aws:dms:ap-northeast-2:123456789012:cert:RDS" }
  }
}

variables {
  name              = "md-3f9a1c2e-link"
  instance          = { instance_class = "dms.r6i.large", storage_gb = 50, engine_version = "3.6.1" }
  subnet_ids        = ["subnet-a", "subnet-c"]
  security_group_id = "sg-link"
  kms_key_arn       = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  staging_schema    = "drop_tint_2026_3f9a1c2e"
  database_ca_pem   = null

  source_database = {
    name       = "marketday"
    secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:md-3f9a1c2e-link-source"
  }

  target_database = {
    name       = "mall"
    secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:md-3f9a1c2e-link-target"
  }

  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/marketday-boundary"
}

run "the_instance_is_private_and_encrypted" {
  module {
    source = "../modules/replication"
  }

  assert {
    condition     = !aws_dms_replication_instance.this.publicly_accessible
    error_message = "The replication instance has no public address."
  }

  assert {
    condition = alltrue([
      for key in [
        aws_dms_replication_instance.this.kms_key_arn, aws_dms_endpoint.source.kms_key_arn,
        aws_dms_endpoint.target.kms_key_arn, aws_cloudwatch_log_group.tasks.kms_key_id,
      ] : key == var.kms_key_arn
    ])
    error_message = "Everything is encrypted with the given key."
  }

  assert {
    condition     = aws_dms_replication_subnet_group.this.subnet_ids == toset(["subnet-a", "subnet-c"]) && aws_dms_replication_instance.this.vpc_security_group_ids == toset(["sg-link"])
    error_message = "The instance is in prod's database subnets, with only the link's group."
  }

  assert {
    condition     = aws_dms_endpoint.source.ssl_mode == "require" && aws_dms_endpoint.target.ssl_mode == "require"
    error_message = "Both connections are encrypted."
  }

  assert {
    condition     = aws_dms_endpoint.source.password == null && aws_dms_endpoint.target.password == null
    error_message = "Passwords are only in secrets."
  }

  assert {
    condition     = one(aws_dms_endpoint.source.postgres_settings).fail_tasks_on_lob_truncation && !one(aws_dms_endpoint.source.postgres_settings).capture_ddls
    error_message = "Nothing is truncated, and nothing is made in the drop's database."
  }

  assert {
    condition     = aws_iam_role.secrets.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role has the given boundary."
  }

  assert {
    condition = alltrue([
      for name in [
        aws_dms_replication_instance.this.replication_instance_id, aws_dms_replication_task.this.replication_task_id,
        aws_dms_endpoint.source.endpoint_id, aws_dms_endpoint.target.endpoint_id,
        aws_dms_replication_subnet_group.this.replication_subnet_group_id, aws_iam_role.secrets.name,
      ] : startswith(name, "md-3f9a1c2e-link")
    ])
    error_message = "Every name begins with the environment's."
  }
}

run "the_database_shows_its_certificate_where_one_is_asked_for" {
  module {
    source = "../modules/replication"
  }

  variables {
    database_ca_pem = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"
  }

  assert {
    condition     = aws_dms_endpoint.source.ssl_mode == "verify-full" && aws_dms_endpoint.target.ssl_mode == "verify-full"
    error_message = "With trusted authorities, the server is checked."
  }

  assert {
    condition     = aws_dms_endpoint.source.certificate_arn == aws_dms_certificate.rds[0].certificate_arn
    error_message = "The endpoint trusts the given certificates."
  }
}

run "the_task_copies_exactly_the_drop" {
  module {
    source = "../modules/replication"
  }

  assert {
    condition     = aws_dms_replication_task.this.migration_type == "full-load-and-cdc" && !aws_dms_replication_task.this.start_replication_task
    error_message = "The task does a full load and copies changes, and the hand-back starts it."
  }

  assert {
    condition = [
      for rule in jsondecode(aws_dms_replication_task.this.table_mappings).rules :
      "${rule.rule-action} ${rule.object-locator.schema-name} ${rule.object-locator.table-name}" if rule.rule-type == "selection"
      ] == [
      for table in ["drops", "items", "stock", "allowances", "reservations", "orders", "order_lines", "payments", "draws", "entries"] : "include public ${table}"
    ]
    error_message = "The task copies the tables that the hand-back compares, and no other."
  }

  assert {
    condition = alltrue([
      for rule in jsondecode(aws_dms_replication_task.this.table_mappings).rules : rule.filters == [] if rule.rule-type == "selection"
    ])
    error_message = "No row is left out."
  }

  assert {
    condition = [
      for rule in jsondecode(aws_dms_replication_task.this.table_mappings).rules :
      "${rule.rule-action} ${rule.object-locator.schema-name} ${rule.value}" if try(rule.rule-target, "") == "schema"
    ] == ["rename public drop_tint_2026_3f9a1c2e"]
    error_message = "Everything is copied into the drop's staging schema."
  }

  assert {
    condition = toset([
      for rule in jsondecode(aws_dms_replication_task.this.table_mappings).rules :
      "${rule.object-locator.column-name} ${rule.data-type.type}" if try(rule.rule-action, "") == "change-data-type"
    ]) == toset(["slug string", "drop_slug string", "sku string"])
    error_message = "A text in a key must not be a large object: DMS would not validate its rows."
  }

  assert {
    condition     = length(distinct([for rule in jsondecode(aws_dms_replication_task.this.table_mappings).rules : rule.rule-id])) == length(jsondecode(aws_dms_replication_task.this.table_mappings).rules)
    error_message = "Each rule has an id of its own."
  }
}

run "nothing_of_prod_is_ever_dropped" {
  module {
    source = "../modules/replication"
  }

  assert {
    condition     = jsondecode(aws_dms_replication_task.this.replication_task_settings).FullLoadSettings.TargetTablePrepMode == "DO_NOTHING"
    error_message = "The task leaves the target's tables as they are."
  }

  assert {
    condition     = jsondecode(aws_dms_replication_task.this.replication_task_settings).ChangeProcessingDdlHandlingPolicy == { HandleSourceTableAltered = false, HandleSourceTableDropped = false, HandleSourceTableTruncated = false }
    error_message = "What is dropped or emptied in event stays in prod."
  }

  assert {
    condition     = jsondecode(aws_dms_replication_task.this.replication_task_settings).ControlTablesSettings.ControlSchema == "drop_tint_2026_3f9a1c2e"
    error_message = "DMS keeps its own tables in the staging schema."
  }
}

run "every_row_is_validated_and_no_error_is_passed_over" {
  module {
    source = "../modules/replication"
  }

  assert {
    condition     = jsondecode(aws_dms_replication_task.this.replication_task_settings).ValidationSettings.EnableValidation
    error_message = "Validation is on."
  }

  assert {
    condition     = jsondecode(aws_dms_replication_task.this.replication_task_settings).ErrorBehavior.FailOnNoTablesCaptured
    error_message = "A task that finds no table has failed."
  }

  assert {
    condition = alltrue([
      for name, policy in jsondecode(aws_dms_replication_task.this.replication_task_settings).ErrorBehavior : policy == "STOP_TASK" if endswith(name, "Policy")
    ])
    error_message = "A row that cannot be copied ends the task."
  }

  assert {
    condition     = jsondecode(aws_dms_replication_task.this.replication_task_settings).Logging.EnableLogging
    error_message = "The task writes its log."
  }
}

run "dropping_and_creating_is_refused" {
  command = plan

  module {
    source = "../modules/replication"
  }

  variables {
    table_preparation = "DROP_AND_CREATE"
  }

  expect_failures = [var.table_preparation]
}

run "emptying_is_refused" {
  command = plan

  module {
    source = "../modules/replication"
  }

  variables {
    table_preparation = "TRUNCATE_BEFORE_LOAD"
  }

  expect_failures = [var.table_preparation]
}

run "the_malls_own_schema_is_refused" {
  command = plan

  module {
    source = "../modules/replication"
  }

  variables {
    staging_schema = "public"
  }

  expect_failures = [var.staging_schema]
}
