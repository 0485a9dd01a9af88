# A machine that looks for drift, tells it, and ends: some minutes each hour. It is started by EventBridge Scheduler itself, so no
# function that changes things has a part in it, and its role only reads.

data "aws_region" "this" {}
data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  region    = data.aws_region.this.name
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  metric    = { namespace = "Marketday", name = "DriftLooks" }
}

resource "aws_launch_template" "this" {
  #checkov:skip=CKV_AWS_88: the public address is the way out without a NAT gateway; nobody can connect from outside
  name        = var.name
  description = "Looks for drift, and ends itself"

  image_id      = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
  instance_type = var.instance_type

  instance_initiated_shutdown_behavior = "terminate"
  update_default_version               = true

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  network_interfaces {
    device_index                = 0
    subnet_id                   = var.subnet_id
    security_groups             = [var.security_group_id]
    associate_public_ip_address = true
    delete_on_termination       = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = 16
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "network-interface", "volume"])

    content {
      resource_type = tag_specifications.value
      tags          = { Name = var.name, "marketday:stack" = "permanent", "marketday:role" = "drift" }
    }
  }

  user_data = base64encode(templatefile("${path.module}/user_data.yaml.tftpl", {
    region            = local.region
    terraform_version = var.terraform_version
    provider_mirror   = var.provider_mirror
    repository        = var.repository
    settings          = var.settings
    metric            = local.metric
  }))

  tags = { Name = var.name }
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297: what is kept here is the id of a launch template
  name                         = var.name
  description                  = "Starts the machine that looks for drift"
  schedule_expression          = var.schedule
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 10
  }

  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:ec2:runInstances"
    role_arn = aws_iam_role.starts.arn

    input = jsonencode({
      LaunchTemplate = { LaunchTemplateId = aws_launch_template.this.id, Version = "$Default" }
      MinCount       = 1
      MaxCount       = 1
    })

    retry_policy {
      maximum_event_age_in_seconds = 1800
      maximum_retry_attempts       = 5
    }

    dead_letter_config {
      arn = var.dead_letter_arn
    }
  }
}

# If something keeps it from looking, or from starting: without a look for three hours somebody is told.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${var.name}-silent"
  alarm_description   = "Nobody looked for drift in the last hours: see drift/last.log in the bucket of states."
  namespace           = local.metric.namespace
  metric_name         = local.metric.name
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  tags = { Name = "${var.name}-silent" }
}
