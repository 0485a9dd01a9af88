# Copies in another region, and a database that is brought back from them.

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

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/marketday-prod-rds-monitoring" }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  region          = "ap-northeast-1"
  vpc_cidr        = "10.0.0.0/16"
  admin_role_arns = ["arn:aws:iam::123456789012:role/administrators"]
}

run "by_default_nothing_is_copied_and_the_database_is_new" {
  command = plan

  module {
    source = "./tests/variables"
  }

  assert {
    condition     = var.recovery == null && var.restore_from == null
    error_message = "something is copied to another region, which costs, without being asked for"
  }
}

run "the_same_region_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    recovery = { region = "ap-northeast-1", kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/1" }
  }

  expect_failures = [var.recovery]
}

run "a_key_of_another_region_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    recovery = { region = "us-west-2", kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/1" }
  }

  expect_failures = [var.recovery]
}

run "what_is_in_another_region_cannot_be_restored" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    restore_from = { backups_arn = "arn:aws:rds:ap-northeast-2:123456789012:auto-backup:ab-1", kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/1" }
  }

  expect_failures = [var.restore_from]
}

run "two_sources_are_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    restore_from = { backups_arn = "arn:aws:rds:ap-northeast-1:123456789012:auto-backup:ab-1", snapshot_arn = "arn:aws:rds:ap-northeast-1:123456789012:snapshot:s", kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/1" }
  }

  expect_failures = [var.restore_from]
}

run "a_database_from_copied_backups" {
  command = plan

  module {
    source = "../modules/mall_database"
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
    key_arn             = "arn:aws:kms:ap-northeast-1:123456789012:key/of-the-plane"
    restore_from        = { backups_arn = "arn:aws:rds:ap-northeast-1:123456789012:auto-backup:ab-1", kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/of-copies" }
    log_retention_days  = 365
    deletion_protection = true
    skip_final_snapshot = false
  }

  assert {
    condition     = one(aws_db_instance.this.restore_to_point_in_time).source_db_instance_automated_backups_arn == var.restore_from.backups_arn && one(aws_db_instance.this.restore_to_point_in_time).use_latest_restorable_time
    error_message = "the database is not made from the last moment of the copy"
  }

  assert {
    condition     = aws_db_instance.this.kms_key_id == var.restore_from.kms_key_arn && aws_db_instance.this.performance_insights_kms_key_id == var.key_arn
    error_message = "RDS restores with the copy's key; with another one here, the next plan would replace the database"
  }
}
