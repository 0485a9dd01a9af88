# The machine that looks for drift: it reads, and AWS itself starts it.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::210987654321:role/marketday-drift" }
  }

  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::210987654321:instance-profile/marketday-drift" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", arn = "arn:aws:ec2:ap-northeast-2:210987654321:launch-template/lt-0123456789abcdef0" }
  }
}

variables {
  name              = "marketday-drift"
  schedule          = "rate(1 hour)"
  instance_type     = "t4g.medium"
  subnet_id         = "subnet-1"
  security_group_id = "sg-1"
  terraform_version = "1.11.4"
  provider_mirror   = "s3://marketday-state/providers"
  repository        = { url = "https://github.com/example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
  settings          = { MARKETDAY_STATE_BUCKET = "marketday-state" }
  state_bucket_arn  = "arn:aws:s3:::marketday-state"
  kms_key_arn       = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000"
  slack_secret_arn  = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:marketday/slack/webhook-a" #checkov:skip=CKV_SECRET_6: the name of a secret, not its value
  alarm_topic_arn   = "arn:aws:sns:ap-northeast-2:210987654321:alarms"
  dead_letter_arn   = "arn:aws:sqs:ap-northeast-2:210987654321:lost"
}

run "looks" {
  command = plan

  module {
    source = "../modules/drift_host"
  }

  # Nothing in the rights of its own changes anything but what it has told, a number, and a message.
  assert {
    condition     = sort([for action in flatten(data.aws_iam_policy_document.this.statement[*].actions) : action if !can(regex(":(Get|List|Describe|View|Decrypt)", action))]) == tolist(["cloudwatch:PutMetricData", "kms:GenerateDataKey", "s3:PutObject", "sns:Publish"])
    error_message = "The machine that looks may change something."
  }

  assert {
    condition     = join(",", one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if contains(statement.actions, "s3:PutObject")])) == "arn:aws:s3:::marketday-state/drift/last.log,arn:aws:s3:::marketday-state/drift/told.json"
    error_message = "It may write more than what it has told."
  }

  assert {
    condition     = aws_launch_template.this.instance_initiated_shutdown_behavior == "terminate" && strcontains(base64decode(aws_launch_template.this.user_data), "env drift --tell")
    error_message = "It does not look, or does not end."
  }

  assert {
    condition     = !strcontains(base64decode(aws_launch_template.this.user_data), "credential")
    error_message = "A public repository needs no token."
  }

  assert {
    condition     = aws_scheduler_schedule.this.target[0].arn == "arn:aws:scheduler:::aws-sdk:ec2:runInstances"
    error_message = "Something else than EC2 is called."
  }
}
