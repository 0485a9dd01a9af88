# What stays after an environment, and until when.

mock_provider "aws" {
  override_during = plan

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

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/a-role" }
  }

  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:ap-northeast-2:123456789012:deliverystream/md-3f9a1c2e-logs" }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  name            = "md-3f9a1c2e"
  evidence_bucket = "marketday-logs"
}

run "logs" {
  command = plan

  module {
    source = "../modules/kept_logs"
  }

  variables {
    log_groups = { gate = "md-3f9a1c2e/gate", firewall = "aws-waf-logs-md-3f9a1c2e" }
  }

  assert {
    condition     = { for key, filter in aws_cloudwatch_log_subscription_filter.this : filter.log_group_name => filter.filter_pattern } == { "md-3f9a1c2e/gate" = "", "aws-waf-logs-md-3f9a1c2e" = "" }
    error_message = "a log group, or some of its lines, is not kept"
  }

  assert {
    condition     = startswith(aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].prefix, "drops/md-3f9a1c2e/logs/") && aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].bucket_arn == "arn:aws:s3:::marketday-logs"
    error_message = "the lines do not go into the environment's folder of the bucket that stays"
  }

  assert {
    condition     = alltrue([for each in data.aws_iam_policy_document.delivery.statement : !contains(each.actions, "s3:DeleteObject") && !contains(each.actions, "s3:GetObject")])
    error_message = "who writes evidence can read or remove it"
  }
}
