# The roles of build hosts: one builds environments (the stack event), the other opens and closes links (the stack link). A host has
# the role of its launch template, and only the lifecycle starts hosts. Three things limit both:
#   names   names begin with the environment's name, such as md-3f9a1c2e, so the ARN shows to which environment a resource belongs;
#   tags    resources with an id instead have the tag marketday:stack = event or link from the moment they are made; a
#           resource without that tag cannot get it later (network.tf, keys.tf);
#   a boundary  each role that they make has a boundary that they cannot change, so they cannot get more rights.
# The mall's own resources are out of reach of the first role. The second may change exactly those that prod names, in the five
# ways of a hand-back window (link.tf).

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
  account   = data.aws_caller_identity.this.account_id
  ours      = ["event", "link"]
  own       = "md-????????*" # an environment's name; a shorter pattern would match everything that begins with md-
  link      = "md-????????-link"

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
    identity = data.aws_iam_policy_document.service_roles.json
    path     = data.aws_iam_policy_document.path.json
    copy     = data.aws_iam_policy_document.copy.json
    roles    = data.aws_iam_policy_document.identity["link"].json

    event-state = data.aws_iam_policy_document.state["event"].json
    link-state  = data.aws_iam_policy_document.state["link"].json
  }

  builders = {
    event = { name = "${var.name}-builder", does = "Builds and removes event stacks", policies = ["host", "event-state", "network", "data", "keys", "services", "identity"] }
    link  = { name = "${var.name}-link-builder", does = "Opens and closes links", policies = ["host", "link-state", "path", "copy", "roles"] }
  }
  attachments = merge([for stack, builder in local.builders : { for policy in builder.policies : "${stack}/${policy}" => { stack = stack, policy = policy } }]...)
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
  for_each = local.builders

  name                 = each.value.name
  description          = "${each.value.does} from a build host"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  max_session_duration = 14400 # as long as a build host exists

  tags = { Name = each.value.name }
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
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.stack].name
  policy_arn = aws_iam_policy.this[each.value.policy].arn
}

resource "aws_iam_instance_profile" "this" {
  for_each = local.builders

  name = each.value.name
  role = aws_iam_role.this[each.key].name

  tags = { Name = each.value.name }
}
