# The role of the build host, which builds an environment. Three things limit it:
#   names   names begin with the environment's name, such as md-3f9a1c2e, so the ARN shows to which environment a resource belongs;
#   tags    resources with an id instead have the tag marketday:stack = event or link from the moment they are made; a
#           resource with another stack's tag cannot get our tag (keys.tf);
#   a boundary  each role that it makes has a boundary that it cannot change, so it cannot get more rights.
# The mall's own resources (marketday:stack = prod) it may change only in the five ways of a hand-back window (network.tf).

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
  account   = data.aws_caller_identity.this.account_id
  ours      = ["event", "link"]
  own       = "md-????????*" # an environment's name; a shorter pattern would match everything that begins with md-

  # arn:aws:<service>:<region>:<account>: of this region.
  here = { for service in [
    "acm", "athena", "cloudformation", "cloudwatch", "dms", "ec2", "ecs", "elasticache", "elasticloadbalancing", "firehose", "glue",
    "kinesis", "kms", "logs", "rds", "secretsmanager", "ssm", "wafv2", "application-autoscaling",
  ] : service => "arn:${local.partition}:${service}:${local.region}:${local.account}" }

  # Resources of this account without a region, by AWS's name for their kind.
  iam = "arn:${local.partition}:iam::${local.account}"

  policies = {
    host     = data.aws_iam_policy_document.host.json
    network  = data.aws_iam_policy_document.network.json
    data     = data.aws_iam_policy_document.data.json
    keys     = data.aws_iam_policy_document.keys.json
    services = data.aws_iam_policy_document.services.json
    identity = data.aws_iam_policy_document.identity.json
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-builder"
  description          = "Builds and removes the event and link stacks from a build host"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  max_session_duration = 14400 # as long as a build host exists

  tags = { Name = "${var.name}-builder" }
}

resource "aws_iam_policy" "this" {
  for_each = local.policies

  name        = "${var.name}-builder-${each.key}"
  description = "What a build host may do: ${each.key}"
  policy      = each.value

  lifecycle {
    precondition {
      condition     = length(jsonencode(jsondecode(each.value))) <= 6144
      error_message = "The policy ${each.key} has ${length(jsonencode(jsondecode(each.value)))} characters; expected 6144 at most, the limit of IAM."
    }
  }

  tags = { Name = "${var.name}-builder-${each.key}" }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = aws_iam_policy.this

  role       = aws_iam_role.this.name
  policy_arn = each.value.arn
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-builder"
  role = aws_iam_role.this.name

  tags = { Name = "${var.name}-builder" }
}
