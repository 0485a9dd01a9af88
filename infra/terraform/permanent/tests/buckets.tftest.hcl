# Every bucket of the stack is versioned, encrypted and private.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "marketday-state-210987654321-ap-northeast-2"
  kms_key_arn = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000"
}

run "closed_bucket" {
  command = plan

  module {
    source = "../modules/private_bucket"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versions must be kept."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "The bucket must be encrypted with the key it was given."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Nothing of the bucket may be public."
  }

  assert {
    condition     = anytrue([for each in data.aws_iam_policy_document.this.statement : each.effect == "Deny" && anytrue([for test in each.condition : test.variable == "aws:SecureTransport"])])
    error_message = "Only TLS may reach the bucket."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy && one(aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration).noncurrent_days == 90
    error_message = "A bucket that is not empty stays; old versions are removed after 90 days."
  }
}

run "what_lies_under_a_prefix_goes" {
  command = plan

  module {
    source = "../modules/private_bucket"
  }

  variables {
    expirations = { "environments/" = 400 }
  }

  assert {
    condition = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [rule.filter[0].prefix, one(rule.expiration).days]
    if length(rule.expiration) == 1] == [["environments/", 400]]
    error_message = "Only the states of environments are removed after a time."
  }
}

run "refuses_a_name" {
  command = plan

  module {
    source = "../modules/private_bucket"
  }

  variables {
    name = "Marketday_State"
  }

  expect_failures = [var.name]
}

run "refuses_to_forget_within_a_week_what_was_written_over" {
  command = plan

  module {
    source = "../modules/private_bucket"
  }

  variables {
    noncurrent_days = 7
  }

  expect_failures = [var.noncurrent_days]
}
