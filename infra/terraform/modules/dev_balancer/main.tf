# The only public address. Pages are for `people_cidrs`, where Jenkins and SonarQube ask for the single sign-on; webhooks are for GitHub's
# addresses, and the receiver checks GitHub's signature. Everything else is refused.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name

  targets = {
    jenkins   = { path = "/login", from = var.people_cidrs }
    sonarqube = { path = "/api/system/status", from = var.people_cidrs }
    webhook   = { path = "/healthz", from = var.github_cidrs }
  }
  logs_bucket = "${var.name}-logs-${local.account}-${local.region}"
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_150: nothing is lost with it
  #checkov:skip=CKV2_AWS_20: port 80 is closed, so there is nothing to lead on
  #checkov:skip=CKV2_AWS_28: only named addresses can connect (groups.tf); a firewall in front would cost more than the load balancer
  #checkov:skip=CKV2_AWS_76: no firewall, because only named addresses can connect (groups.tf)
  name               = var.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.balancer.id]

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"

  access_logs {
    bucket  = module.logs.name
    prefix  = "balancer"
    enabled = true
  }

  tags = { Name = var.name }
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "BalancerLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.logs_bucket}/balancer/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

# Load balancers cannot write into a bucket with a key of ours.
module "logs" {
  source = "../private_bucket"

  name            = local.logs_bucket
  expiration_days = var.log_retention_days
  policies        = [data.aws_iam_policy_document.logs.json]
  force_destroy   = !var.deletion_protection
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378: TLS ends at the load balancer; behind it, a security group lets only the load balancer reach the port
  for_each = local.targets

  name        = "${var.name}-${each.key}"
  vpc_id      = var.vpc_id
  target_type = "instance"
  protocol    = "HTTP"
  port        = var.targets[each.key].port

  health_check {
    path    = each.value.path
    matcher = "200"
  }

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_lb_target_group_attachment" "this" {
  for_each = local.targets

  target_group_arn = aws_lb_target_group.this[each.key].arn
  target_id        = var.targets[each.key].instance
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "nothing here"
      status_code  = "404"
    }
  }

  tags = { Name = var.name }
}

# A rule may have five values: a host, and four ranges.
resource "aws_lb_listener_rule" "this" {
  for_each = local.targets

  listener_arn = aws_lb_listener.https.arn
  priority     = index(keys(local.targets), each.key) + 1

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  condition {
    host_header {
      values = [var.hostnames[each.key]]
    }
  }

  condition {
    source_ip {
      values = each.value.from
    }
  }

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_route53_record" "this" {
  for_each = var.zone_id == null ? {} : local.targets

  zone_id = var.zone_id
  name    = var.hostnames[each.key]
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}
