# At night and at weekends nothing runs: EventBridge Scheduler stops machines and database, and starts them again. `hours = null`
# switches this off; to work at another time, start them by hand (docs/dev-plane.md).


data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
}

locals {
  every = {
    start-database = { at = try(var.hours.start, ""), call = "rds:startDBInstance", input = jsonencode({ DbInstanceIdentifier = var.database }) }
    start-machines = { at = try(var.hours.start, ""), call = "ec2:startInstances", input = jsonencode({ InstanceIds = var.machines[*].id }) }
    stop-machines  = { at = try(var.hours.stop, ""), call = "ec2:stopInstances", input = jsonencode({ InstanceIds = var.machines[*].id }) }
    stop-database  = { at = try(var.hours.stop, ""), call = "rds:stopDBInstance", input = jsonencode({ DbInstanceIdentifier = var.database }) }
  }
  calls = { for name, call in local.every : name => call if var.hours != null }
}

data "aws_iam_policy_document" "hours_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "hours" {
  name               = "${var.name}-hours"
  description        = "Stops and starts the machines and the database of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.hours_assume.json

  tags = { Name = "${var.name}-hours" }
}

data "aws_iam_policy_document" "hours" {
  statement {
    sid       = "Machines"
    actions   = ["ec2:StartInstances", "ec2:StopInstances"]
    resources = var.machines[*].arn
  }

  statement {
    sid       = "Database"
    actions   = ["rds:StartDBInstance", "rds:StopDBInstance"]
    resources = ["arn:${local.partition}:rds:${local.region}:${local.account}:db:${var.database}"]
  }

  # Their disks are encrypted: EC2 asks for the key in the name of who starts them.
  statement {
    sid       = "Disks"
    actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"]
    resources = [var.key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ec2.${local.region}.amazonaws.com", "rds.${local.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "hours" {
  name   = "hours"
  role   = aws_iam_role.hours.name
  policy = data.aws_iam_policy_document.hours.json
}

resource "aws_scheduler_schedule" "hours" {
  #checkov:skip=CKV_AWS_297: what is kept here are ids of machines
  for_each = local.calls

  name                         = "${var.name}-${each.key}"
  description                  = "Working hours of ${var.name}"
  schedule_expression          = each.value.at
  schedule_expression_timezone = var.hours.zone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:${each.value.call}"
    role_arn = aws_iam_role.hours.arn
    input    = each.value.input

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 20
    }
  }
}
