# Copies of an environment's database in another region.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/marketday-boundary" }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

run "by_default_nothing_is_copied" {
  command = plan

  module {
    source = "../modules/builder"
  }

  variables {
    name                = "marketday"
    state_bucket_arn    = "arn:aws:s3:::marketday-state"
    kms_key_arn         = "arn:aws:kms:ap-northeast-2:123456789012:key/permanent"
    host_secret_arns    = ["arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:marketday/a"]
    key_value_store_arn = "arn:aws:cloudfront::123456789012:key-value-store/edge"
    certificate_arn     = "arn:aws:acm:ap-northeast-2:123456789012:certificate/edge"
    evidence_bucket_arn = "arn:aws:s3:::marketday-logs"
    repository_arns     = ["arn:aws:ecr:ap-northeast-2:123456789012:repository/marketday/gate"]
  }

  assert {
    condition     = !anytrue([for each in data.aws_iam_policy_document.data.statement : strcontains(each.sid, "BackupCopies")])
    error_message = "a build host may copy backups although nobody asked for copies"
  }
}

run "only_of_its_own_databases_and_none_is_removed" {
  command = plan

  module {
    source = "../modules/builder"
  }

  variables {
    name                = "marketday"
    state_bucket_arn    = "arn:aws:s3:::marketday-state"
    kms_key_arn         = "arn:aws:kms:ap-northeast-2:123456789012:key/permanent"
    host_secret_arns    = ["arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:marketday/a"]
    key_value_store_arn = "arn:aws:cloudfront::123456789012:key-value-store/edge"
    certificate_arn     = "arn:aws:acm:ap-northeast-2:123456789012:certificate/edge"
    evidence_bucket_arn = "arn:aws:s3:::marketday-logs"
    repository_arns     = ["arn:aws:ecr:ap-northeast-2:123456789012:repository/marketday/gate"]
    recovery            = { region = "ap-northeast-1", kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/copies" }
  }

  assert {
    condition     = alltrue([for each in data.aws_iam_policy_document.data.statement : each.sid != "BackupCopies" || alltrue([for one in each.resources : strcontains(one, ":db:md-????????*") || endswith(one, ":auto-backup:*")])])
    error_message = "a build host may start or stop copies of the mall's database"
  }

  assert {
    condition     = !anytrue([for each in data.aws_iam_policy_document.data.statement : contains(each.actions, "rds:DeleteDBInstanceAutomatedBackup")])
    error_message = "a build host may remove copies"
  }
}
