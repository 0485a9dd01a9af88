# What another region has beforehand: nothing by default, and everything with one variable.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"
}

mock_provider "aws" {
  alias = "replica"

  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  hostname              = "drop.example.com"
  zone                  = { name = "example.com" }
  build_host_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnVvbJ4QqUVBYWgmGy6Bw7kLS8S6mCkOUO3wPGyeP4q operator"
  lambda_package        = "outputs.tf" # any file: the tests do not run it
  repository            = { url = "https://github.com/example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
  alarm_emails          = ["ops@example.com"]
}

run "by_default_nothing_but_images" {
  command = plan

  assert {
    condition     = length(aws_kms_key.recovery) == 0 && length(aws_s3_bucket_replication_configuration.evidence) == 0 && length(module.evidence_copy) == 0 && output.recovery == null
    error_message = "something is copied to another region, which costs, without being asked for"
  }

  assert {
    condition     = alltrue([for each in aws_secretsmanager_secret.this : length(each.replica) == 0])
    error_message = "a secret is copied without being asked for"
  }
}

run "another_region_than_that_of_the_images_and_forty_days_are_refused" {
  command = plan

  variables {
    recovery_region  = "us-west-2"
    backup_copy_days = 40
  }

  expect_failures = [var.recovery_region, var.backup_copy_days]
}

run "with_one_variable_everything" {
  command = plan

  variables {
    recovery_region = "ap-northeast-1"
  }

  assert {
    condition     = alltrue([for each in aws_secretsmanager_secret.this : one(each.replica).region == "ap-northeast-1"])
    error_message = "a secret has no copy"
  }

  assert {
    condition     = aws_kms_key.recovery[0].enable_key_rotation && aws_kms_alias.recovery[0].name == "alias/marketday-recovery"
    error_message = "the key of copies does not rotate, or has another name than the recovery looks for"
  }

  assert {
    condition     = local.logs_bucket == "marketday-logs-210987654321-ap-northeast-2" && length(module.evidence_copy) == 1
    error_message = "the evidence has no bucket in the other region"
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.evidence[0].rule[0].filter[0].prefix == "drops/" && aws_s3_bucket_replication_configuration.evidence[0].rule[0].delete_marker_replication[0].status == "Disabled"
    error_message = "something else than the evidence is copied, or a deletion goes along"
  }

  assert {
    condition     = !anytrue([for each in data.aws_iam_policy_document.evidence_copy[0].statement : anytrue([for action in each.actions : strcontains(action, "Delete")])])
    error_message = "the role of copies can remove evidence"
  }
}
