# The mall's database, as the stack uses it.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_security_group" {
    defaults = { id = "sg-0d" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/marketday-prod-rds-monitoring" }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  name                = "marketday-prod"
  vpc_id              = "vpc-0a1b2c3d"
  subnet_ids          = ["subnet-0a", "subnet-0b", "subnet-0c"]
  engine_version      = "17"
  size                = { instance_class = "db.m7g.large", storage_gb = 100, max_storage_gb = 500 }
  owner               = "mall_owner"
  password            = "known-to-nobody"
  password_version    = 1
  key_arn             = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-4000-8000-000000000000"
  log_retention_days  = 365
  deletion_protection = true
  skip_final_snapshot = false
}

run "the_database" {
  command = plan

  module {
    source = "../modules/mall_database"
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.multi_az
    error_message = "the database is public, or has no standby"
  }

  assert {
    condition     = toset(aws_db_subnet_group.this.subnet_ids) == toset(var.subnet_ids) && aws_db_instance.this.vpc_security_group_ids == toset([aws_security_group.database.id])
    error_message = "the database is elsewhere than in its subnets and its own security group"
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.key_arn && aws_db_instance.this.performance_insights_kms_key_id == var.key_arn
    error_message = "the database is not encrypted with the plane's own key"
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value }["rds.force_ssl"] == "1"
    error_message = "TLS is not forced"
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value }["rds.logical_replication"] == "1"
    error_message = "logical replication is not allowed"
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.database : group.kms_key_id == var.key_arn && group.retention_in_days == 365])
    error_message = "the logs are not encrypted with the plane's own key, or are kept for ever"
  }

  assert {
    condition     = aws_db_instance.this.password == null && aws_db_instance.this.password_wo_version == 1
    error_message = "the password is in the state"
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.backup_retention_period == 7
    error_message = "by default the database can be deleted, leaves no snapshot, or is not kept for seven days"
  }

  assert {
    condition     = startswith(aws_db_instance.this.final_snapshot_identifier, "marketday-prod-final-")
    error_message = "the last snapshot has no name"
  }
}

run "the_roles_of_dms" {
  command = plan

  module {
    source = "../modules/dms_roles"
  }

  assert {
    condition     = toset(output.names) == toset(["dms-vpc-role", "dms-cloudwatch-logs-role"])
    error_message = "DMS finds its two roles by other names"
  }

  assert {
    condition     = aws_iam_role_policy_attachment.this["dms-vpc-role"].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
    error_message = "another policy than AWS's own says what the role of DMS may do"
  }
}
